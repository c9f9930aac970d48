//! What the demo's people have said to each other. Made up, all of it.

use super::play::What::{self, Delete, Edit, Join, Name, React, Reply, Say};
use super::play::{Line, Place};

/// User name and display name. Their numbers are their places here.
pub(super) const PEOPLE: [(&str, &str); 6] = [
    ("mira", "Mira Okafor"),
    ("jonas", "Jonas Lindqvist"),
    ("priya", "Priya Raman"),
    ("tomas", "Tomás Vega"),
    ("aiko", "佐藤 愛子"),
    ("sam", "Sam Whitfield"),
];

const MIRA: usize = 0;
const JONAS: usize = 1;
const PRIYA: usize = 2;
const TOMAS: usize = 3;
const AIKO: usize = 4;
const SAM: usize = 5;

/// All conversations.
pub(super) const CONVERSATIONS: [Place; 7] = [
    Place::Group {
        title: "Harbour Street Garden",
        owner: JONAS,
        members: &[MIRA, PRIYA, TOMAS, SAM],
        lines: GARDEN,
        unread: &[(MIRA, 3), (SAM, 9), (TOMAS, 1)],
    },
    Place::Group {
        title: "Radio show",
        owner: MIRA,
        members: &[AIKO, TOMAS],
        lines: RADIO,
        unread: &[(AIKO, 2)],
    },
    Place::Direct { between: (MIRA, JONAS), lines: MIRA_JONAS, unread: &[] },
    Place::Direct { between: (MIRA, AIKO), lines: MIRA_AIKO, unread: &[(MIRA, 2)] },
    Place::Direct { between: (MIRA, PRIYA), lines: MIRA_PRIYA, unread: &[(PRIYA, 1)] },
    Place::Direct { between: (TOMAS, PRIYA), lines: TOMAS_PRIYA, unread: &[] },
    Place::Direct { between: (MIRA, MIRA), lines: MIRA_NOTES, unread: &[] },
];

/// `days` ago, at an hour and a minute.
const fn on(days: u16, hour: u16, minute: u16, who: usize, what: What) -> Line {
    Line { days, minutes: hour * 60 + minute, who, what }
}

/// So many minutes ago.
const fn ago(minutes: u16, who: usize, what: What) -> Line {
    Line { days: 0, minutes, who, what }
}

const GARDEN: &[Line] = &[
    on(
        11,
        18,
        2,
        JONAS,
        Say(
            "Welcome, everyone. The council said **yes**: the strip behind the old chandlery is ours until the end of next year.",
        ),
    ),
    on(
        11,
        18,
        3,
        JONAS,
        Say("I have the key. There is a tap, a shed without a door, and a great deal of gravel."),
    ),
    on(11, 18, 9, PRIYA, Say("Gravel is only soil that has not been asked nicely 🌱")),
    on(11, 18, 10, MIRA, React(1, "😂")),
    on(11, 18, 10, TOMAS, React(1, "😂")),
    on(11, 18, 14, TOMAS, Say("I can bring the wheelbarrow and two spades. Saturday?")),
    on(11, 18, 15, JONAS, Reply(1, "Saturday works. Ten o'clock, so that Sam survives it.")),
    on(11, 18, 31, SAM, Say("I heard that.")),
    on(11, 18, 32, SAM, Say("Ten is fine.")),
    on(
        10,
        8,
        40,
        MIRA,
        Say("What do we need to order before the frost? I am going past the nursery tomorrow."),
    ),
    on(
        10,
        8,
        52,
        PRIYA,
        Say(
            "My list so far:\n- garlic (two kinds, please)\n- broad beans, the overwintering sort\n- horticultural fleece, 10 m\n- labels that survive rain",
        ),
    ),
    on(10, 9, 5, JONAS, React(1, "👍")),
    on(10, 9, 6, JONAS, Say("Add a hose reel. The tap is at the wrong end, of course.")),
    on(10, 9, 20, MIRA, Say("Noted. I keep the receipts in the biscuit tin.")),
    on(9, 10, 4, JONAS, Say("I am at the gate. Where is everybody?")),
    on(9, 10, 6, TOMAS, Say("Two minutes. The wheelbarrow does not fit into the tram, it turns out.")),
    on(9, 10, 6, PRIYA, React(1, "😂")),
    on(9, 10, 7, SAM, Say("You took it ON THE TRAM?")),
    on(9, 10, 8, TOMAS, Say("I took it NEXT TO the tram. I am the one who is out of breath.")),
    on(
        9,
        14,
        45,
        MIRA,
        Say(
            "Half of the gravel is gone! Thank you all. My back says otherwise, but the rest of me is delighted.",
        ),
    ),
    on(9, 14, 47, PRIYA, React(1, "❤️")),
    on(9, 14, 47, JONAS, React(1, "❤️")),
    on(9, 14, 50, SAM, React(1, "💪")),
    on(9, 15, 12, JONAS, Say("Next time: mattocks. And cake. Who was in charge of cake?")),
    on(9, 15, 13, SAM, Reply(1, "Nobody told me that I was.")),
    on(
        8,
        19,
        22,
        PRIYA,
        Say("The soil test is back. pH 7.6, little nitrogen, no lead to speak of. We can eat what grows."),
    ),
    on(8, 19, 24, MIRA, React(1, "🎉")),
    on(8, 19, 30, TOMAS, Say("That is a relief, that wall was a paint store once.")),
    on(8, 19, 33, PRIYA, Reply(1, "Exactly why I sent in three samples. All fine.")),
    on(6, 12, 10, JONAS, Name("Harbour Street Garden 🌿")),
    on(
        6,
        12,
        14,
        JONAS,
        Say("The neighbours at number 14 offer compost, two cubic metres, if somebody fetches it."),
    ),
    on(6, 12, 41, SAM, Say("My cousin has a van. I ask her.")),
    on(6, 17, 55, SAM, Say("She says yes, on Thursday after six, and she wants to be paid in pumpkins.")),
    on(6, 17, 58, MIRA, React(1, "🎃")),
    on(6, 17, 59, PRIYA, React(1, "🎃")),
    on(6, 18, 1, JONAS, Say("Sold.")),
    on(4, 18, 20, SAM, Say("We are here. It smells as it should.")),
    on(4, 18, 22, TOMAS, Say("Coming with shovles")),
    on(4, 18, 23, TOMAS, Edit(1, "Coming with shovels")),
    on(
        4,
        21,
        2,
        MIRA,
        Say(
            "Done, by torchlight. There is a photograph of Jonas asleep on a heap of compost and I will not be sharing it.",
        ),
    ),
    on(4, 21, 4, JONAS, Reply(1, "I was resting my eyes.")),
    on(4, 21, 4, PRIYA, React(2, "😂")),
    on(4, 21, 5, SAM, React(3, "😂")),
    on(
        3,
        9,
        15,
        PRIYA,
        Say(
            "Plan for the beds, from the wall to the path:\n\n1. garlic and onions\n2. broad beans\n3. fallow, with `phacelia`\n4. herbs, near the gate, where people can pick them",
        ),
    ),
    on(
        3,
        9,
        40,
        JONAS,
        Say(
            "I like it. Could the herbs go into the half barrels? Then we need not dig over the roots of the plum.",
        ),
    ),
    on(3, 9, 44, PRIYA, Reply(1, "Good point. Barrels it is.")),
    on(
        2,
        20,
        11,
        TOMAS,
        Say("I found a door for the shed. Somebody on Quay Lane was throwing it away. It is *green*."),
    ),
    on(2, 20, 13, MIRA, React(1, "😍")),
    on(2, 20, 15, SAM, Say("Does it fit?")),
    on(2, 20, 16, TOMAS, Say("It will.")),
    on(2, 20, 18, JONAS, Say("This is how all my favourite stories begin.")),
    on(1, 7, 58, PRIYA, Say("Frost warning for tonight! Somebody should put the fleece on before dark.")),
    on(1, 8, 10, SAM, Say("I can. I finish at three.")),
    on(1, 15, 47, SAM, Say("Fleece is on, held down with the nicest bits of the gravel.")),
    on(1, 15, 50, PRIYA, React(1, "🙏")),
    on(1, 15, 51, JONAS, React(1, "🙏")),
    ago(54, JONAS, Say("Morning check: beans upright, garlic asleep, nobody stole the green door.")),
    ago(47, TOMAS, Say("Who would carry it?")),
    ago(
        31,
        PRIYA,
        Say(
            "@mira could you bring the labels on Saturday? The ones that survive rain, please, not the ones from last year.",
        ),
    ),
    ago(
        29,
        JONAS,
        Say("We could also scratch the names into slates. There are enough broken ones behind the shed."),
    ),
    ago(26, SAM, Say("I have a carbide pencil somewhere. Slates, then!")),
    ago(25, PRIYA, React(1, "👍")),
];

const RADIO: &[Line] = &[
    on(8, 21, 0, MIRA, Say("So: one hour, once a month, on the harbour station. What do we call it?")),
    on(8, 21, 4, TOMAS, Say("“Fog and Other Signals”")),
    on(8, 21, 6, AIKO, Say("Oh, that is good. 霧とその他の信号.")),
    on(8, 21, 6, MIRA, React(2, "🔥")),
    on(8, 21, 7, MIRA, React(1, "❤️")),
    on(8, 21, 9, MIRA, Name("Fog and Other Signals")),
    on(
        7,
        13,
        30,
        AIKO,
        Say(
            "Draft of the first hour:\n- 0:00 the foghorn (recorded on Sunday, if it is foggy)\n- 0:04 Mira reads the shipping forecast of 1953\n- 0:12 music\n- 0:40 the interview with the lock keeper\n- 0:55 letters",
        ),
    ),
    on(7, 13, 52, TOMAS, Say("We have no letters yet.")),
    on(7, 13, 53, AIKO, Reply(1, "Then we write them.")),
    on(7, 13, 53, MIRA, React(1, "😂")),
    on(
        5,
        18,
        5,
        TOMAS,
        Say(
            "The lock keeper has agreed! Her name is Ilse, she has been there for thirty-one years and has *opinions* about sailing schools.",
        ),
    ),
    on(5, 18, 6, MIRA, React(1, "🎉")),
    on(
        5,
        18,
        12,
        MIRA,
        Say(
            "I borrow the good microphone from the library. Levels at about `-18 dBFS`, please, I do not want to repair peaks all night again.",
        ),
    ),
    on(5, 18, 14, TOMAS, Say("That was one time")),
    on(5, 18, 15, MIRA, Say("It was four times. I counted.")),
    on(5, 18, 16, AIKO, React(1, "👀")),
    on(3, 16, 40, TOMAS, Say("Interview recorded. 48 minutes. We must cut it down to 15 and it will hurt.")),
    on(3, 16, 48, AIKO, Say("I can make a first cut tonight.")),
    on(3, 23, 59, AIKO, Say("First cut: 19 minutes. I left in the part with the swan.")),
    on(2, 7, 20, TOMAS, Reply(1, "The swan stays. I would sooner lose the music.")),
    on(2, 7, 21, MIRA, React(1, "💯")),
    on(1, 19, 2, MIRA, Say("Foghorn: **got it**. Listen from 0:20, you can hear a gull being offended.")),
    on(1, 19, 10, AIKO, React(1, "😍")),
    ago(
        180,
        TOMAS,
        Say("The station asks for a photograph for its page. Do we have one in which all of us look awake?"),
    ),
    ago(171, MIRA, Say("No.")),
    ago(170, MIRA, Say("But there is a nice one of the foghorn.")),
];

const MIRA_JONAS: &[Line] = &[
    on(12, 17, 30, JONAS, Say("Hello Mira! The council decides tonight. I have chewed through a pencil.")),
    on(12, 17, 41, MIRA, Say("They will say yes. Nobody can say no to your drawings.")),
    on(12, 21, 15, JONAS, Say("THEY SAID YES")),
    on(12, 21, 15, MIRA, React(1, "🎉")),
    on(12, 21, 16, MIRA, Say("I knew it!! Congratulations 🌻")),
    on(
        12,
        21,
        20,
        JONAS,
        Say(
            "I make a group tomorrow. You, Priya, Tomás, and I think Sam would enjoy it, even if Sam does not know it yet.",
        ),
    ),
    on(9, 16, 2, JONAS, Say("Can you still stand up?")),
    on(9, 16, 20, MIRA, Reply(1, "I am typing this from the floor. It is a good floor.")),
    on(9, 16, 21, JONAS, React(1, "😂")),
    on(
        5,
        11,
        3,
        MIRA,
        Say("The receipts so far come to 143.60. Shall I put them into the sheet, or do you?"),
    ),
    on(5, 11, 30, JONAS, Say("I do it tonight. Thank you for keeping them together.")),
    on(2, 22, 4, JONAS, Say("About that photograph of me on the compost.")),
    on(2, 22, 5, MIRA, Say("What photograph?")),
    on(2, 22, 6, JONAS, React(1, "🙏")),
    ago(75, JONAS, Say("Are you coming by before work? I made too much porridge.")),
    ago(72, MIRA, Say("On my way!")),
];

const MIRA_AIKO: &[Line] = &[
    on(6, 20, 30, AIKO, Say("おつかれさま! How did the reading go?")),
    on(
        6,
        20,
        44,
        MIRA,
        Say("Good, I think. I stumbled over “Cromarty” three times in a row and then over “Forth”."),
    ),
    on(6, 20, 45, AIKO, Say("Keep one of the stumbles in. It sounds like weather.")),
    on(6, 20, 46, MIRA, React(1, "❤️")),
    on(4, 12, 0, MIRA, Say("Do you have the file with the bells? I only find the short one.")),
    on(4, 12, 18, AIKO, Say("It is called `bells_final_FINAL_2.wav`, I am sorry to say.")),
    on(4, 12, 19, MIRA, Say("A classic.")),
    on(
        1,
        22,
        15,
        MIRA,
        Say(
            "Can you listen to the foghorn with headphones? I hear a hum at 50 Hz but I may be imagining it.",
        ),
    ),
    ago(
        64,
        AIKO,
        Say(
            "You are not imagining it, that is the vending machine on the pier. I took it out with a notch at 50 and 100.",
        ),
    ),
    ago(63, AIKO, Say("New version is in the folder. The gull is unharmed.")),
];

const MIRA_PRIYA: &[Line] = &[
    on(10, 9, 30, PRIYA, Say("For the garlic: one hardneck and one softneck, if they have both.")),
    on(10, 9, 33, MIRA, Say("Which of them is the one that keeps?")),
    on(10, 9, 34, PRIYA, Reply(1, "Softneck. It can be braided, too.")),
    on(9, 11, 45, MIRA, Say("They had both. And I could not leave the rosemary there all alone.")),
    on(9, 11, 47, PRIYA, React(1, "❤️")),
    on(
        3,
        10,
        2,
        PRIYA,
        Say(
            "Is Thursday good for the library? I need the book on dry stone walls before somebody builds one without it.",
        ),
    ),
    on(3, 10, 10, MIRA, Say("Thursday at five. I return mine then as well.")),
    on(2, 17, 20, PRIYA, Say("Wrong chat, sorry")),
    on(2, 17, 21, PRIYA, Delete(1)),
    ago(22, MIRA, Say("Labels: yes, I have them. Do you want the long ones or the short ones?")),
];

const TOMAS_PRIYA: &[Line] = &[
    on(9, 9, 50, TOMAS, Say("Is there a law against wheelbarrows on trams?")),
    on(9, 9, 51, PRIYA, Say("There is about to be.")),
    on(9, 9, 52, TOMAS, React(1, "😂")),
    on(2, 20, 30, PRIYA, Say("How green is the door?")),
    on(2, 20, 31, TOMAS, Say("Like a bottle that has been in the sea for a while.")),
    on(2, 20, 32, PRIYA, Say("Then it fits.")),
];

const MIRA_NOTES: &[Line] = &[
    on(
        7,
        8,
        0,
        MIRA,
        Say(
            "To do:\n- labels\n- return the microphone **before** Friday\n- write a letter to ourselves for the show",
        ),
    ),
    on(
        1,
        23,
        10,
        MIRA,
        Say("Idea for the second hour: ask everyone on the pier which sound they would miss."),
    ),
];

/// Someone who came into a conversation later.
pub(super) const LATE: (usize, Line) = (1, on(4, 10, 0, MIRA, Join(SAM)));
