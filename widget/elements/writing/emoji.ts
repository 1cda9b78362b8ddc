// The emoji that can be written by name: the common ones, by the names that people know from elsewhere.

const LIST =
  'smile😄 grin😁 joy😂 rofl🤣 smiley😃 slight_smile🙂 wink😉 blush😊 innocent😇 heart_eyes😍 kissing_heart😘 yum😋 ' +
  'tongue😛 zany🤪 thinking🤔 raised_eyebrow🤨 neutral😐 expressionless😑 smirk😏 unamused😒 roll_eyes🙄 grimace😬 ' +
  'relieved😌 pensive😔 sleepy😪 sleeping😴 sick🤢 sneeze🤧 hot🥵 cold🥶 dizzy😵 exploding_head🤯 cowboy🤠 party🥳 ' +
  'sunglasses😎 nerd🤓 monocle🧐 confused😕 worried😟 sad🙁 open_mouth😮 astonished😲 flushed😳 pleading🥺 cry😢 sob😭 ' +
  'scream😱 disappointed😞 sweat😓 sweat_smile😅 tired😫 yawn🥱 angry😠 rage😡 skull💀 clown🤡 ghost👻 robot🤖 ' +
  'heart❤️ orange_heart🧡 yellow_heart💛 green_heart💚 blue_heart💙 purple_heart💜 black_heart🖤 broken_heart💔 ' +
  'sparkling_heart💖 hundred💯 wave👋 ok👌 pinch🤏 victory✌️ crossed_fingers🤞 call_me🤙 point_left👈 point_right👉 ' +
  'point_up👆 point_down👇 thumbsup👍 +1👍 thumbsdown👎 -1👎 fist✊ clap👏 raised_hands🙌 pray🙏 handshake🤝 muscle💪 ' +
  'eyes👀 brain🧠 shrug🤷 facepalm🤦 dog🐶 cat🐱 unicorn🦄 bee🐝 butterfly🦋 turtle🐢 whale🐳 rose🌹 sunflower🌻 ' +
  'tree🌳 herb🌿 apple🍎 lemon🍋 pizza🍕 cake🍰 coffee☕ tea🍵 beer🍺 cheers🍻 wine🍷 tada🎉 confetti🎊 balloon🎈 ' +
  'gift🎁 trophy🏆 medal🏅 soccer⚽ guitar🎸 music🎵 game🎮 dart🎯 car🚗 bike🚲 train🚆 plane✈️ rocket🚀 earth🌍 ' +
  'sun☀️ moon🌙 star⭐ sparkles✨ zap⚡ fire🔥 rain🌧️ snow❄️ rainbow🌈 ocean🌊 phone📱 computer💻 bulb💡 book📖 ' +
  'memo📝 pin📌 lock🔒 key🔑 hammer🔨 gear⚙️ link🔗 mail✉️ warning⚠️ question❓ exclamation❗ check✅ x❌ plus➕ ' +
  'arrow_right➡️ arrow_left⬅️ hourglass⏳ bell🔔 mega📣 speech💬 zzz💤 wastebasket🗑️ bug🐛 construction🚧 white_flag🏳️';

export interface Named {
  name: string;
  emoji: string;
}

const ALL: readonly Named[] = LIST.split(' ').map((entry) => {
  const [, name = '', emoji = ''] = /^([a-z_]+|[+-]1)(.+)$/u.exec(entry)!;
  return { name, emoji };
});

/** Those whose name holds this, the best matches first. */
export function emojiLike(text: string, max: number): Named[] {
  const rank = ({ name }: Named): number => (name === text ? 0 : name.startsWith(text) ? 1 : 2);
  return ALL.filter(({ name }) => name.includes(text))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, max);
}

/** The emoji of exactly this name. */
export function emojiOf(name: string): string | undefined {
  return ALL.find((one) => one.name === name)?.emoji;
}
