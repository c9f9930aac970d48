import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

// The import zones: who may know whom. Features meet in src/app only; ui knows no one; only bridge/ touches workers.
const features = ["accounts", "auth", "list", "conversation", "people", "group", "notify", "profile", "search", "status"];
const forbid = (message, ...group) => ({ "no-restricted-imports": ["error", { patterns: [{ group, message }] }] });
const shells = ["**/bridge/fake", "**/bridge/fake/**", "**/bridge/browser", "**/bridge/browser/**", "**/bridge/tauri", "**/bridge/tauri/**", "#bridge"];

const texts = [
  { selector: "JSXText[value=/[A-Za-z]/]", message: "Every text comes from src/text." },
  {
    selector: "JSXAttribute[name.name=/^(title|aria-label|placeholder|alt|label)$/] > Literal[value=/[A-Za-z]/]",
    message: "Every text comes from src/text.",
  },
];

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", "src/bridge/generated/", "public/"] },
  {
    files: ["src/**/*.{ts,tsx}", "tests/**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { "react-hooks": reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      "no-restricted-syntax": ["error", ...texts],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "no-restricted-globals": [
        "error",
        { name: "Worker", message: "Only src/bridge touches workers." },
        { name: "SharedWorker", message: "Only src/bridge touches workers." },
        { name: "WebSocket", message: "The engine does the network." },
        { name: "fetch", message: "The engine does the network." },
      ],
    },
  },
  { files: ["src/bridge/**/*.ts", "src/**/*.test.{ts,tsx}"], rules: { "no-restricted-globals": "off" } },
  {
    files: ["src/**/*.test.{ts,tsx}", "src/bridge/fake/**", "tests/**"],
    rules: { "@typescript-eslint/no-non-null-assertion": "off", "@typescript-eslint/require-await": "off" },
  },
  {
    files: ["src/ui/**/*.{ts,tsx}"],
    rules: forbid(
      "ui knows only its tokens.",
      "**/bridge/**", "**/features/**", "**/app/**", "**/hooks/**", "**/text/**", "**/text",
    ),
  },
  {
    files: ["src/hooks/**", "src/text/**"],
    ignores: ["**/*.test.*"],
    rules: forbid("hooks and text know no screen and no shell.", "**/features/**", "**/app/**", ...shells),
  },
  {
    files: ["src/bridge/**"],
    rules: forbid("The bridge knows no screen.", "**/features/**", "**/app/**", "**/ui/**", "**/hooks/**"),
  },
  ...features.map((feature) => ({
    files: [`src/features/${feature}/**`],
    ignores: ["**/*.test.*"],
    rules: forbid(
      "Features do not import each other, the app or a shell; they meet in src/app.",
      "**/features/**", "**/app/**", ...shells,
      ...features.filter((other) => other !== feature).flatMap((other) => [`../${other}`, `../${other}/**`, `../../${other}/**`]),
    ),
  })),
  { files: ["src/app/**"], ignores: ["**/*.test.*"], rules: forbid("The app gets its bridge from main.tsx.", ...shells) },
);
