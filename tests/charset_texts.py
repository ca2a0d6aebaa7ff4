"""Texts of 22 languages in the encodings that were in use before Unicode, and in Unicode without a mark."""

TEXTS = {
    "german": (
        "Das Wetter bleibt heute kühl und regnerisch, erst am Wochenende wird es wärmer. In den Straßen der A"
        "ltstadt hört man Musik, und viele Gäste genießen ein Stück Kuchen im Café am Fluss."
    ),
    "french": (
        "Après une longue journée de marche, nous sommes arrivés près du château où l'on servait déjà le dîne"
        "r. La forêt était calme, le ciel étoilé, et chacun rêvait de son lit."
    ),
    "spanish": (
        "El niño corrió detrás del camión mientras su mamá gritaba. Más tarde, en la montaña, encontraron una"
        " pequeña cabaña abandonada donde pasaron la noche sin ningún problema."
    ),
    "portuguese": (
        "A reunião começou às nove horas e não terminou antes do almoço. Os técnicos explicaram a situação da"
        " máquina e propuseram soluções para a próxima estação."
    ),
    "polish": (
        "Wczoraj wieczorem chłopiec znalazł żółtego psa śpiącego pod mostem. Sąsiedzi pomogli mu wrócić do do"
        "mu, gdzie czekała już zaniepokojona matka z gorącą herbatą."
    ),
    "czech": (
        "Včera večer našel malý chlapec žlutého psa, který spal pod mostem. Sousedé mu pomohli vrátit se domů"
        ", kde už čekala znepokojená matka s teplým čajem a křupavým chlebem."
    ),
    "hungarian": (
        "Tegnap este a kisfiú egy sárga kutyát talált a híd alatt. A szomszédok segítettek neki hazajutni, ah"
        "ol édesanyja már nyugtalanul várta őt forró teával és friss süteménnyel."
    ),
    "turkish": (
        "Dün akşam küçük çocuk köprünün altında uyuyan sarı bir köpek buldu. Komşular ona eve dönmesi için ya"
        "rdım ettiler; annesi sıcak çayla bekliyordu. Çok güzel bir gündü, şehir sessizdi."
    ),
    "russian": (
        "Вчера вечером мальчик нашёл рыжую собаку, которая спала под мостом. Соседи помогли ему вернуться дом"
        "ой, где его уже ждала встревоженная мать с горячим чаем."
    ),
    "ukrainian": (
        "Вчора ввечері хлопчик знайшов рудого пса, який спав під мостом. Сусіди допомогли йому повернутися до"
        "дому, де на нього вже чекала стривожена мати з гарячим чаєм."
    ),
    "bulgarian": (
        "Снощи момчето намери жълто куче, което спеше под моста. Съседите му помогнаха да се върне вкъщи, къд"
        "ето вече го чакаше разтревожената му майка с горещ чай."
    ),
    "greek": (
        "Χθες το βράδυ το αγόρι βρήκε έναν κίτρινο σκύλο που κοιμόταν κάτω από τη γέφυρα. Οι γείτονες το βοήθ"
        "ησαν να γυρίσει στο σπίτι, όπου περίμενε η ανήσυχη μητέρα του."
    ),
    "hebrew": (
        "אתמול בערב מצא הילד כלב צהוב שישן מתחת לגשר. השכנים עזרו לו לחזור הביתה, שם חיכתה לו אמו המודאגת עם תה חם."
    ),
    "arabic": (
        "وجد الولد مساء أمس كلبا أصفر نائما تحت الجسر. ساعده الج"
        "يران على العودة إلى البيت حيث كانت أمه القلقة تنتظره مع"
        " الشاي الساخن."
    ),
    "thai": ("เมื่อวานตอนเย็นเด็กชายพบสุนัขสีเหลืองนอนอยู่ใต้สะพาน เพื่อนบ้านช่วยเขากลับบ้านที่แม่รออยู่ด้วยความเป็นห่วง"),
    "japanese": (
        "昨日の夕方、少年は橋の下で眠っている黄色い犬を見つけました。近所の人たちが家まで送ってくれて、心配していた母親"
        "が温かいお茶を入れて待っていました。"
    ),
    "chinese_s": (
        "昨天傍晚，小男孩在桥下发现了一只睡着的黄狗。邻居们帮他回到家里，焦急的母亲已经准备好热茶等着他。那天晚上全家人"
        "都很高兴。"
    ),
    "chinese_t": (
        "昨天傍晚，小男孩在橋下發現了一隻睡著的黃狗。鄰居們幫他回到家裡，焦急的母親已經準備好熱茶等著他。那天晚上全家人"
        "都很高興。"
    ),
    "korean": (
        "어제 저녁 소년은 다리 밑에서 자고 있는 노란 개를 발견했습니다. 이웃 사람들이 집에 돌아가도록 도"
        "와주었고 걱정하던 어머니는 따뜻한 차를 끓여 기다리고 있었습니다."
    ),
    "latvian": (
        "Vakar vakarā zēns atrada dzeltenu suni, kas gulēja zem tilta. Kaimiņi palīdzēja viņam atgriezties mā"
        "jās, kur jau gaidīja satrauktā māte ar karstu tēju un šķīvi kūku."
    ),
    "lithuanian": (
        "Vakar vakare berniukas rado geltoną šunį, miegantį po tiltu. Kaimynai padėjo jam grįžti namo, kur ja"
        "u laukė susirūpinusi motina su karšta arbata ir šviežiu pyragėliu."
    ),
    "romanian": (
        "Aseară băiatul a găsit un câine galben care dormea sub pod. Vecinii l-au ajutat să se întoarcă acasă"
        ", unde îl aştepta mama îngrijorată cu ceai fierbinte şi prăjituri."
    ),
}
"""A few sentences each, written for these tests."""

ENCODINGS = {
    "german": "cp1252 iso8859-1 iso8859-15 cp850 cp437 mac_roman utf-16-le utf-16-be utf-32-le utf-7",
    "french": "cp1252 iso8859-1 iso8859-15 cp850 mac_roman utf-16-be utf-7",
    "spanish": "cp1252 iso8859-1 cp850 mac_roman",
    "portuguese": "cp1252 cp850",
    "polish": "cp1250 iso8859-2 cp852",
    "czech": "cp1250 iso8859-2 cp852",
    "hungarian": "cp1250 iso8859-2 cp852",
    "romanian": "cp1250 iso8859-2",
    "turkish": "cp1254 iso8859-9",
    "russian": "cp1251 koi8-r iso8859-5 cp866 mac_cyrillic utf-16-le utf-16-be utf-32-be utf-7",
    "ukrainian": "cp1251 koi8-u utf-16-le",
    "bulgarian": "cp1251 utf-16-be",
    "greek": "cp1253 iso8859-7 cp737 utf-16-le",
    "hebrew": "cp1255 iso8859-8 utf-16-le",
    "arabic": "cp1256 iso8859-6 utf-16-be",
    "thai": "cp874 tis-620 utf-16-le",
    "japanese": "shift_jis cp932 euc_jp iso2022_jp utf-16-le utf-16-be",
    "chinese_s": "gb18030 gbk gb2312 hz utf-16-le utf-16-be",
    "chinese_t": "big5 cp950 big5hkscs utf-16-le",
    "korean": "euc_kr cp949 johab iso2022_kr utf-16-le",
    "latvian": "cp1257 iso8859-13",
    "lithuanian": "cp1257 iso8859-13",
}
"""What to try for each, parted by blanks."""

WESTERN = (
    "Price £500 for the visit",
    "25°C today",
    "I don’t know what it’s about",
    "“quoted” – and more…",
    "½ cup of milk\n" * 50,
    "25°C\n" * 60,
    "5 × 4 = 20 ±3%",
    "café",
    "Peña",
    "© 2020",
    "€ 5",
)
"""English with a few signs or accents, in which there is little to tell an encoding by."""
