package chat.confab.app

import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.view.View
import android.webkit.WebView
import androidx.activity.OnBackPressedCallback
import androidx.activity.enableEdgeToEdge
import androidx.core.view.ViewCompat
import androidx.core.view.WindowInsetsCompat

class MainActivity : TauriActivity() {
  override fun onCreate(savedInstanceState: Bundle?) {
    enableEdgeToEdge()
    touched(intent)
    super.onCreate(savedInstanceState)
    keepClear(findViewById(android.R.id.content))
  }

  override fun onNewIntent(intent: Intent) {
    touched(intent)
    super.onNewIntent(intent)
  }

  // The page stays clear of bars, cut-outs and the keyboard. Not every WebView tells its page of them, so the page is
  // made smaller instead; behind them is the window's ground (themes.xml).
  private fun keepClear(content: View) {
    ViewCompat.setOnApplyWindowInsetsListener(content) { view, insets ->
      val taken = insets.getInsets(
        WindowInsetsCompat.Type.systemBars() or WindowInsetsCompat.Type.displayCutout() or WindowInsetsCompat.Type.ime()
      )
      view.setPadding(taken.left, taken.top, taken.right, taken.bottom)
      WindowInsetsCompat.CONSUMED
    }
  }

  // Back closes what lies above the page (layers.ts), then goes back in the page's history, then leaves the app as it is.
  override fun onWebViewCreate(webView: WebView) {
    onBackPressedDispatcher.addCallback(this, object : OnBackPressedCallback(true) {
      override fun handleOnBackPressed() {
        webView.evaluateJavascript("window.confabBack?.() === true") { closed ->
          if (closed == "true") return@evaluateJavascript
          if (webView.canGoBack()) webView.goBack() else moveTaskToBack(true)
        }
      }
    })
  }

  // The plugin that notifies does not say which notification was touched (its event carries none on Android), but the
  // intent does. As a link it reaches the app whether it was running or not; `mobile.rs` takes it.
  private fun touched(intent: Intent) {
    val number = intent.getIntExtra("NotificationId", Int.MIN_VALUE)
    if (number == Int.MIN_VALUE) return
    intent.action = Intent.ACTION_VIEW
    intent.data = Uri.parse("confab://touched/$number")
  }
}
