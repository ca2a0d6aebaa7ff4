"""Words that say nothing of what a text is about, in the languages that most texts are in."""

_ENGLISH = """
a about above after again against all also am an and any are as at back be because been before being below
between both but by came can cannot come could did do does doing done down during each even ever every few first
for from further gave get gets give go goes going gone good got had has have having he her here hers him his how
however i if in into is it its just know last least less let like made make many may me might more most much
must my never new no nor not now of off on once one only or other our out over own per please put quite rather
really said same say says see seen shall she should since so some still such take than that the their them then
there these they thing things this those three through thus to today too took two under until up upon us use
used very want was way we well went were what when where whether which while who whom whose why will with within
without would yes yet you your yours don't doesn't didn't isn't aren't wasn't won't can't couldn't wouldn't it's
i'm i've you're we're they're that's there's
"""
_GERMAN = """
aber alle als also am an auch auf aus bei bin bis bitte da damit dann das dass dem den denn der des die dies
diese dieser doch du durch ein eine einem einen einer eines er es euch für hat hatte haben hier ich ihm ihn ihr
ihre im in ist ja kann kein keine können man mehr mein mich mir mit muss nach nicht noch nun nur ob oder ohne
sehr sein seine sich sie sind so über um und uns unser unter vom von vor war waren was wenn wer werden wie wir
wird wurde wurden zu zum zur
"""
_FRENCH = """
au aux avec avoir bien car ce ces cette comme dans de des donc du elle elles en encore est et été être eu fait
il ils je la le les leur leurs lui mais me même mes moi mon ne nos notre nous on ont ou où par pas peut plus
pour qu que quel qui sa sans se ses si son sont sous sur ta tes toi ton tous tout très tu un une vos votre vous
y
"""
_SPANISH = """
al algo ante antes como con contra cual cuando de del desde donde dos el ella ellas ellos en entre era es esa
ese eso esta este esto estos fue ha hasta hay la las le les lo los más me mi mis muy nada ni no nos o para pero
por porque que quien se sea ser si sido sin sobre son su sus también tan te tiene todo todos tu un una uno unos
y ya yo
"""
_OTHER_ROMANCE = """
ai alla anche che chi ci come con cui da dal dalla degli dei del della delle di dove e ed era essere fa gli ha
hanno il io la le lei lo loro ma mi nel nella non noi per più può quando quella questo se si sono su sua suo tra
un una uno ao aos as com da das do dos ela ele em eram essa esse eu foi isso mas mais mesmo meu muito na nas não
nem no nos num o os ou para pela pelo por quando que quem sem ser seu sua são também te tem tinha um uma você
"""
_DUTCH = """
aan als bij dat de der deze die dit door een en er geen had heb heeft hem het hij hoe ik in is je kan maar me
met mijn naar niet nog nu of om omdat onder ons ook op over te tot uit van veel voor was wat we wel wij worden
zal ze zich zijn zo
"""
_OF_THE_WEB = "amp com href html http https img jpg nbsp org pdf quot src url www"

EMPTY_WORDS = frozenset(" ".join((_ENGLISH, _GERMAN, _FRENCH, _SPANISH, _OTHER_ROMANCE, _DUTCH, _OF_THE_WEB)).split())
