/**
 * The emoji of the picker by group, each with the words that find it; the first ones are its name. A working choice,
 * not the whole of Unicode: a reaction may hold any emoji, and other clients may offer more.
 */
const groups: Readonly<Record<string, string>> = {
  smileys: `😀 grinning happy|😃 smile happy open|😄 laughing eyes happy|😁 beaming grin|😆 squinting laugh haha|😅 sweat relief laugh|🤣 rolling laugh rofl|😂 tears of joy laugh lol|🙂 slight smile|🙃 upside down silly|😉 wink|😊 blush smile|😇 angel halo innocent|🥰 in love hearts|😍 heart eyes love|🤩 star struck wow|😘 kiss blow|😋 yummy delicious tongue|😜 winking tongue crazy|🤪 zany goofy|😝 squinting tongue|🤗 hug|🤭 giggle oops hand|🤫 quiet shush|🤔 thinking hmm|🤨 raised eyebrow doubt|😐 neutral|😑 expressionless|😶 no mouth speechless|😏 smirk|😒 unamused|🙄 rolling eyes|😬 grimace awkward|😌 relieved calm|😔 pensive sad|😴 sleeping tired zzz|😷 mask ill|🤒 fever ill|🤕 hurt bandage|🤢 nauseated sick|🤮 vomiting sick|🥵 hot|🥶 cold freezing|🥴 woozy dizzy|🤯 mind blown exploding|🤠 cowboy|🥳 party celebrate|😎 cool sunglasses|🤓 nerd glasses|🧐 monocle inspect|😕 confused|😟 worried|🙁 frown sad|😮 surprised wow oh|😲 astonished|😳 flushed embarrassed|🥺 pleading puppy eyes|😨 fearful|😰 anxious sweat|😢 crying sad tear|😭 sobbing loud cry|😱 scream horror|😖 confounded|😞 disappointed|😓 downcast sweat|😩 weary|😫 tired|🥱 yawn bored|😤 triumph huff|😡 angry rage|🤬 swearing|😈 devil mischief|💀 skull dead|💩 poo|🤡 clown|👻 ghost|👽 alien|🤖 robot bot`,
  gestures: `👍 thumbs up yes like good agree|👎 thumbs down no dislike|👌 ok perfect|🤌 pinched fingers|✌️ victory peace|🤞 fingers crossed luck|🤟 love you gesture|🤘 rock horns|🤙 call me|👈 point left|👉 point right|👆 point up|👇 point down|☝️ index up|✋ raised hand stop|🖐️ hand spread|👋 wave hello bye|🤝 handshake deal|👏 clap applause bravo|🙌 raising hands hooray|👐 open hands|🙏 please thanks pray folded hands|✍️ writing|💪 strong muscle|🫡 salute|🫶 heart hands|👀 eyes look|🧠 brain|👤 person|👥 people|🤷 shrug dunno|🤦 facepalm|🙋 raising hand|🙇 bow sorry|🏃 running|🚶 walking|💃 dance|🕺 dance man`,
  hearts: `❤️ red heart love|🧡 orange heart|💛 yellow heart|💚 green heart|💙 blue heart|💜 purple heart|🖤 black heart|🤍 white heart|💔 broken heart|💕 two hearts|💖 sparkling heart|💯 hundred perfect|💢 anger|💥 boom collision|💫 dizzy star|💦 sweat drops|💤 sleep zzz|🔥 fire hot lit|✨ sparkles shiny|⭐ star|🌟 glowing star|🎉 party popper celebrate tada|🎊 confetti|🎈 balloon|🎁 gift present|🏆 trophy win|🥇 gold medal first|🎯 target bullseye`,
  nature: `🐶 dog|🐱 cat|🐭 mouse|🐰 rabbit|🦊 fox|🐻 bear|🐼 panda|🐨 koala|🦁 lion|🐮 cow|🐷 pig|🐸 frog|🐵 monkey|🙈 see no evil monkey|🐔 chicken|🐧 penguin|🦆 duck|🦉 owl|🐝 bee|🦋 butterfly|🐌 snail|🐢 turtle|🐍 snake|🦀 crab rust|🐙 octopus|🐬 dolphin|🐳 whale|🌵 cactus|🌲 tree|🌱 seedling|🍀 clover luck|🌹 rose|🌻 sunflower|🌞 sun|🌙 moon|🌈 rainbow|☀️ sunny|☁️ cloud|🌧️ rain|⛈️ storm|❄️ snowflake cold|🌊 wave sea`,
  food: `🍏 apple green|🍎 apple red|🍌 banana|🍉 watermelon|🍇 grapes|🍓 strawberry|🍒 cherries|🍑 peach|🥑 avocado|🍅 tomato|🥕 carrot|🌽 corn|🥐 croissant|🍞 bread|🧀 cheese|🥚 egg|🥞 pancakes|🍔 burger|🍟 fries|🍕 pizza|🌮 taco|🍝 pasta spaghetti|🍜 noodles ramen|🍣 sushi|🍚 rice|🍦 ice cream|🍩 doughnut|🍪 cookie|🎂 birthday cake|🍰 cake|🍫 chocolate|🍿 popcorn|☕ coffee|🍵 tea|🍺 beer|🍻 cheers beers|🍷 wine|🥂 clink cheers|🍹 cocktail`,
  things: `⚽ football soccer|🏀 basketball|🎾 tennis|🚴 cycling bike|🏊 swimming|🎮 game|🎲 dice|🎵 music note|🎸 guitar|🎤 microphone sing|🎬 film|📷 camera|🚗 car|🚌 bus|🚆 train|✈️ plane flight travel|🚀 rocket launch ship|🏠 house home|🏢 office|🏖️ beach|⏰ alarm clock|⌛ hourglass wait|📅 calendar date|📌 pin|📎 paperclip|📝 memo note|📚 books|💡 idea light bulb|🔔 bell|🔒 lock secure|🔑 key|🔧 wrench fix tool|🔨 hammer|⚙️ gear settings|🧪 test tube experiment|💻 laptop computer|📱 phone|🔋 battery|📦 package box|💰 money|💸 money wings|📈 chart up|📉 chart down|✅ done check yes|☑️ checked|❌ no cross wrong|❓ question|❗ exclamation|⚠️ warning|🚫 forbidden|➕ plus add|🆗 ok|🆕 new|🔴 red circle|🟢 green circle|🟡 yellow circle|🏁 finish flag`,
};

/** One emoji of the picker. */
export interface EmojiEntry {
  emoji: string;
  /** What finds it, and what it is called. */
  words: string;
}

const entries = (list: string | undefined): EmojiEntry[] =>
  (list ?? "").split("|").map((entry) => {
    const space = entry.indexOf(" ");
    return { emoji: entry.slice(0, space), words: entry.slice(space + 1) };
  });

export const emoji = {
  groups: [
    { name: "Smileys", list: entries(groups.smileys) },
    { name: "People", list: entries(groups.gestures) },
    { name: "Hearts and celebrations", list: entries(groups.hearts) },
    { name: "Nature", list: entries(groups.nature) },
    { name: "Food", list: entries(groups.food) },
    { name: "Things", list: entries(groups.things) },
  ],
};
