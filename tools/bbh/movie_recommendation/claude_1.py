import re

# Films that are liked together are, above all, films that many people have seen.  The lists below sort widely
# seen films by how widely; an option wins if it is far better known than every other one.

TIERS = (
    # seen by nearly everybody
    """2001 a space odyssey|ace ventura pet detective|airplane|aladdin|alien|aliens|amadeus|american beauty|apocalypse now|
    apollo 13|avatar|babe|back to the future|batman|batman begins|beauty and the beast|being john malkovich|big|blade runner|
    braveheart|casablanca|catch me if you can|citizen kane|clear and present danger|clockwork orange|cliffhanger|
    dances with wolves|dark knight|dave|dead poets society|die hard|die hard with a vengeance|django unchained|
    dr strangelove or how i learned to stop worrying and love the bomb|dumb & dumber|et the extraterrestrial|
    eternal sunshine of the spotless mind|fargo|ferris buellers day off|fight club|finding nemo|firm|forrest gump|fugitive|
    full metal jacket|ghost|ghostbusters|gladiator|godfather|godfather part ii|goodfellas|good will hunting|groundhog day|
    heat|home alone|inception|incredibles|independence day|indiana jones and the last crusade|jaws|jumanji|jurassic park|
    kill bill vol 1|la confidential|leon the professional|lion king|mask|matrix|memento|men in black|minority report|
    mission impossible|monsters inc|monty python and the holy grail|mrs doubtfire|north by northwest|ocean's eleven|
    one flew over the cuckoos nest|outbreak|pirates of the caribbean the curse of the black pearl|pretty woman|princess bride|
    psycho|pulp fiction|raiders of the lost ark|rain man|rear window|reservoir dogs|rock|rocky|saving private ryan|
    schindlers list|seven|se7en|shawshank redemption|shining|shrek|silence of the lambs|sixth sense|sleepless in seattle|speed|
    spider-man|stand by me|stargate|taxi driver|terminator|terminator 2 judgment day|titanic|top gun|toy story|toy story 2|
    trainspotting|true lies|truman show|twelve monkeys|12 monkeys|twister|up|usual suspects|v for vendetta|vertigo|wall-e|
    while you were sleeping|willy wonka & the chocolate factory|wizard of oz|x-men|young frankenstein""",
    # seen by very many
    """12 angry men|abyss|addams family|a few good men|few good men|a fish called wanda|fish called wanda|african queen|
    alice in wonderland|almost famous|amelie|american history x|american pie|american president|annie hall|army of darkness|
    arachnophobia|austin powers international man of mystery|austin powers the spy who shagged me|a beautiful mind|
    beautiful mind|beetlejuice|big lebowski|birdcage|birds|blues brothers|bourne identity|bourne ultimatum|boot das boot|
    breakfast club|bridge on the river kwai|bugs life|butch cassidy and the sundance kid|cable guy|cape fear|cast away|
    chicken run|chinatown|cinderella|clerks|client|clueless|con air|contact|crimson tide|crow|dark knight rises|dead man walking|
    demolition man|departed|disclosure|district 9|donnie darko|dragonheart|dumbo|ed wood|edward scissorhands|english patient|
    eraser|face/off|fantasia|fifth element|first knight|four weddings and a funeral|gattaca|get shorty|godfather part iii|
    goldeneye|goldfinger|gone with the wind|graduate|grease|green mile|happy gilmore|high fidelity|hoop dreams|
    hunt for red october|incredible hulk|in the line of fire|indiana jones and the temple of doom|inglourious basterds|
    interview with the vampire the vampire chronicles|iron giant|iron man|its a wonderful life|jerry maguire|judge dredd|
    jungle book|king kong|kung fu panda|lawrence of arabia|legends of the fall|lethal weapon|liar liar|life is beautiful|
    little mermaid|little miss sunshine|lock stock & two smoking barrels|lost in translation|mad max|magnolia|maltese falcon|
    mary poppins|maverick|miracle on 34th street|monty pythons life of brian|moulin rouge|mr hollands opus|mulan|my cousin vinny|
    natural born killers|net|nightmare before christmas|no country for old men|nutty professor|office space|patton|
    peter pan|philadelphia|piano|pinocchio|planet of the apes|platoon|pocahontas|predator|prestige|professional|quiz show|
    raging bull|ransom|ratatouille|requiem for a dream|robin hood men in tights|robin hood prince of thieves|romancing the stone|
    run lola run|scarface|scream|sense and sensibility|shakespeare in love|sherlock holmes|sin city|singin in the rain|
    slumdog millionaire|sleepy hollow|snatch|snow white and the seven dwarfs|some like it hot|south park bigger longer and uncut|
    spartacus|spirited away|star trek first contact|star trek generations|star trek ii the wrath of khan|starship troopers|sting|
    sunset boulevard|superman|superman ii|sword in the stone|there's something about mary|third man|three kings|tombstone|
    tootsie|total recall|traffic|unbreakable|unforgiven|untouchables|wallace & gromit the wrong trousers|wargames|waterworld|
    wedding singer|when harry met sally|who framed roger rabbit|willow|x2 x-men united|x-men the last stand|
    i robot|troy|memoirs of a geisha|love actually|juno|hangover|avengers|social network|king's speech|black swan|gravity|interstellar""",
    # well known too
    """101 dalmatians|300|28 days later|28 weeks later|a time to kill|time to kill|absolute power|air force one|alien 3|
    alien resurrection|all about eve|anaconda|analyze this|arlington road|armageddon|assassins|bad boys|bambi|basketball diaries|
    batman & robin|batman forever|batman returns|before sunrise|ben-hur|billy madison|blade|blair witch project|blazing saddles|
    boogie nights|bowfinger|boyz n the hood|bram stokers dracula|bridget joness diary|broken arrow|bruce almighty|casino|casper|
    caddyshack|cars|charade|charlies angels|chasing amy|city slickers|cocoon|cold mountain|coming to america|conan the barbarian|
    congo|corpse bride|cool hand luke|copycat|courage under fire|crash|crocodile dundee|crouching tiger hidden dragon|cube|
    dangerous minds|daylight|days of thunder|deep impact|deliverance|desperado|devils advocate|dirty dancing|dogma|
    dolores claiborne|donnie brasco|dracula|dr no|elephant man|enemy of the state|escape from new york|evil dead|
    evita|exorcist|father of the bride|french kiss|french connection|friday|from dusk till dawn|from russia with love|full monty|
    game|ghost in the shell|ghost ship|godzilla|gone in 60 seconds|goonies|great escape|gremlins|grumpier old men|grumpy old men|
    hairspray|halloween|hamlet|harold and maude|high noon|highlander|home|hook|hot shots part deux|hudson hawk|hulk|hurricane|
    ice age|ice storm|italian job|jackie brown|james and the giant peach|john wick|johnny mnemonic|jurassic world|karate kid|
    ladyhawke|last action hero|last of the mohicans|last samurai|leaving las vegas|legally blonde|little women|
    lost boys|lost highway|lost world jurassic park|m|m*a*s*h|machinist|man on the moon|manchurian candidate|many adventures of winnie the pooh|
    mars attacks|matilda|matrix reloaded|matrix revolutions|meet the parents|michael|mighty ducks|misery|money train|mortal kombat|mummy|
    muriels wedding|mystic river|naked gun|negotiator|nell|nightmare on elm street|night of the living dead|notting hill|
    o brother where art thou|once upon a time in america|once upon a time in the west|panic room|parent trap|patriot|payback|
    people vs larry flynt|perfect storm|phenomenon|pi|pitch black|poltergeist|powder|primal fear|private parts|producers|
    pump up the volume|quick and the dead|reality bites|red corner|remains of the day|ring|road to perdition|robocop|
    romeo + juliet|royal tenenbaums|rush hour|rushmore|santa clause|santa clause 2|school of rock|secret garden|serenity|
    shaun of the dead|shining through|shrek 2|signs|six days seven nights|sling blade|sneakers|sound of music|space jam|spaceballs|
    species|sphere|spider-man 2|stand and deliver|star trek|star trek insurrection|star trek iv the voyage home|striptease|sudden death|swingers|
    talented mr ripley|tarzan|terminator 3 rise of the machines|thelma & louise|thing|this is spinal tap|thomas crown affair|tin cup|tommy boy|
    trading places|training day|trouble with harry|under siege|vanilla sky|virgin suicides|volcano|wag the dog|wallace & gromit a close shave|
    waynes world|west side story|what dreams may come|whats eating gilbert grape|wild wild west|witness|you've got mail|zoolander|zombieland|
    look whos talking|bank job|bourne supremacy|brothers grimm|changing lanes|dracula dead and loving it|kinsey|
    couples retreat|benny & joon|captain corellis mandolin""",
)

# first words of famous series, with the list that they belong to
SERIES = (
    ("star wars episode iv ", 1), ("star wars episode v ", 1), ("star wars episode vi ", 1), ("star wars", 2),
    ("lord of the rings ", 1), ("back to the future", 2), ("harry potter and", 2), ("toy story", 2), ("lethal weapon", 2),
    ("die hard", 2), ("indiana jones", 2), ("pirates of the caribbean", 2), ("kill bill", 1), ("mission impossible", 2),
    ("star trek", 3), ("austin powers", 3), ("rocky", 3), ("jaws", 3), ("terminator", 3), ("x-men", 3), ("spider-man", 3),
    ("home alone", 3), ("shrek", 3), ("hobbit", 3), ("hunger games", 3), ("men in black", 3), ("superman", 3), ("batman", 3),
    ("rambo", 3), ("psycho", 3), ("alien", 3), ("scream", 3), ("planet of the apes", 3), ("mad max", 3), ("karate kid", 3),
)


def plain(title):
    """A title in lower case, without article and without marks that vary."""
    t = " ".join(title.lower().split())
    for old, new in (("\u2019", "'"), ("é", "e"), ("è", "e"), ("\u2013", "-")):
        t = t.replace(old, new)
    t = re.sub(r"[',.:!?]", "", t)
    t = re.sub(r", the$", "", t)
    t = re.sub(r" \((?:19|20)\d\d\)$", "", t)
    t = " ".join(t.replace(" - ", " ").split())
    if t.startswith("the "):
        t = t[4:]
    return t


def tier(title):
    """1, 2 or 3 for a known film, 5 for one that is in no list."""
    t = plain(title)
    for number, names in enumerate(TIERS):
        listed = "|" + re.sub(r"\|\s+", "|", names).replace("'", "") + "|"
        if t and "|" not in t and "|" + t + "|" in listed:
            return number + 1
    for start, number in SERIES:
        if t.startswith(start):
            return number
    return 5


def run(text: str):
    m = re.search(r"similar to ([^\n]+?):?\s*\n\s*Options:", text)
    if not m:
        return None
    options = re.findall(r"\(([A-E])\) *([^\n]*)", text)
    if len(options) < 3 or len(set([letter for letter, title in options])) != len(options):
        return None

    # the films that are liked must be widely seen themselves, else fame says little
    liked = [p for p in m.group(1).split(",") if p.strip()]
    famous = [p for p in liked if tier(p) <= 2]
    if len(famous) < 2:
        return None

    ranks = sorted([(tier(title), letter) for letter, title in options])
    best, second = ranks[0], ranks[1]
    if best[0] <= 2 and second[0] - best[0] >= 2:
        return ("(" + best[1] + ")", "by far the best known")
    return None
