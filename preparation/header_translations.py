"""Words of headers in German, French, Spanish and Portuguese, by the English word that the models use.

One English word a line, then what other languages say for it, without accents. A word that English has too with
another sense stands in `_IN_COMPANY`: it is translated only beside another word of its kind.
"""

_WORDS = """
number: nummer numero matricula
date: datum fecha
day: jour dia
month: monat mois mes
year: jahr annee ano exercice ejercicio exercicio
time: uhrzeit zeit zeitpunkt heure hora horaire
timestamp: zeitstempel horodatage messzeitpunkt fechahora datahora
name: nom nome
first name: vorname prenom
last name: nachname apellido apellidos sobrenome
amount: betrag montant monto importe montante
total: gesamt gesamtbetrag totale
price: preis prix precio preco
cost: kosten cout costo custo coste
status: zustand etat estado situacao estatus statut
type: typ tipo
description: beschreibung bezeichnung descripcion descricao
duration: dauer duree duracion duracao
count: anzahl cantidad quantidade
country: pais
city: stadt ville ciudad cidade
street: strasse calle rua
address: adresse direccion endereco anschrift
age: edad idade
sex: geschlecht sexe sexo
birth: geburt naissance nacimiento nascimento
user: benutzer nutzer utilisateur usuario
customer: kunde kunden cliente
company: firma entreprise empresa
invoice: rechnung facture factura fatura
bill: rechnungs
patient: paciente patienten patientin
hospital: krankenhaus hopital klinik hospitalar clinique clinica
physician: arzt medecin medico aerztin
diagnosis: diagnose diagnostic diagnostico
treatment: behandlung traitement tratamiento tratamento soin soins atendimento
procedure: leistung acte procedimiento procedimento eingriff
admission: aufnahme ingreso internacao internamento
discharge: entlassung alta
fee: gebuhr honorar honoraires honorarios honoraire
billed: cobrado berechnet fakturiert facturado faturado
paid: bezahlt paye pagado pago gezahlt
insurance: versicherung seguro convenio krankenkasse mutuelle aseguradora seguradora
coverage: deckung couverture cobertura
claim: schaden schadens sinistre siniestro sinistro
policy: policen poliza apolice
insured: versicherungsnehmer versicherter asegurado segurado
claimant: anspruchsteller reclamante
claimed: reclame reclamado gefordert
deductible: selbstbeteiligung selbstbehalt deducible franquia
settlement: auszahlung regulierung indemnisation indemnizacion indenizacao indemnise indenizado indemnizado
premium: pramie prima premio
reported: melde meldung aviso denuncia
vat: tva iva umsatzsteuer mehrwertsteuer mwst vorsteuer
turnover: umsatz
occurrence: ocurrencia ocorrencia ereignis
cause: ursache causa
tax: steuer fiscale impot impuesto imposto
taxpayer: steuerpflichtiger contribuable contribuyente contribuinte
income: einkommen revenu revenus ingresos renda rendimento rendimentos
wage: lohn salaire salario arbeitslohn bruttolohn bruttoarbeitslohn
taxable: imposable imponible tributavel tributaveis steuerpflichtig
gross: brutto bruto
withheld: einbehalten einbehaltene preleve prelevement retenu retenido retenue retido retencion retenciones
refund: erstattung ruckerstattung remboursement devolucion devolver restituicao restituir
due: fallig devido debido
deduction: abzug deduccion deducao
temperature: temperatur temperatura
humidity: feuchte luftfeuchte luftfeuchtigkeit feuchtigkeit humidite humedad umidade
air pressure: luftdruck
pressure: druck pression presion pressao
wind speed: windgeschwindigkeit
speed: geschwindigkeit vitesse velocidad velocidade
light: licht lumiere luz
soil: boden suelo
air: luft
voltage: spannung voltaje tensao
current: strom courant corriente corrente
power: leistungsaufnahme puissance potencia
consumption: verbrauch consommation consumo
sensor: sensoren capteur capteurs fuhler
station: messstelle estacion estacao
value: wert valeur
source: quelle quell origen origem
destination: ziel destino
protocol: protokoll protocole protocolo
action: aktion accion acao
message: nachricht mensaje mensagem
review: bewertung bewertungen bewertungstext resena avaliacao avis
star: sterne etoiles estrellas estrelas
helpful: hilfreich utile
post: beitrag publicacion publicacao
text: texto texte beitragstext
author: autor auteur verfasser
comment: kommentar kommentare commentaire commentaires comentario comentarios
like: jaime curtidas gustas
share: geteilt partages partage compartidos compartilhamentos retuits
published: veroffentlicht publie publicado
follower: abonnenten seguidores abonnes
match: spiel partido partida rencontre
matchday: spieltag jornada journee rodada
season: saison temporada
home: heim
away: gast auswarts exterieur visitante visita
team: mannschaft equipe equipo
player: spieler joueur jugador jogador
goal: tore buts goles gols
league: liga ligue
stadium: stadion stade estadio
attendance: zuschauer spectateurs espectadores publico
referee: schiedsrichter arbitre arbitro
winner: sieger gewinner vainqueur ganador vencedor
session: sitzung sesion sessao
page: seite pagina
landing: einstieg einstiegs entrada
device: gerat appareil dispositivo geraet
browser: navigateur navegador
visit: besuch visite
click: klick clic clique
dwell time: verweildauer
sender: absender expediteur remitente remetente
recipient: empfanger destinataire destinatario
subject: betreff objet asunto assunto
sent: gesendet envoye enviado
"""
_IN_COMPANY = """
date: data
amount: valor hohe
number: num no nro
home: local domicile
name: nombre
payment: pago paiement zahlung pagamento
like: gusta
day: tag
policy: police contrat
country: land pays
deductible: franchise
tax: fiscal
premium: prime
type: art nature
age: alter
insurance: assurance
insured: assure
status: situation
gross: brut
discharge: sortie
admission: entree
count: nb
goal: tor
voltage: tension
soil: sol solo
city: ort
"""
_JOINTS = ("", "s", "es", "n", "en", "e")
_MIN_COMPOUND_CHARS, _MIN_PART_CHARS = 7, 3
_HEADS = frozenset(("nr", "id", "hohe", "betrag", "konto", "nummer", "code", "typ"))


def _table(lines: str) -> dict[str, tuple[str, ...]]:
    """Foreign word → English words."""
    pairs = (line.split(": ") for line in lines.strip().split("\n"))
    return {word: tuple(english.split()) for english, words in pairs for word in words.split()}


_ALWAYS = _table(_WORDS)
_BESIDE = _table(_IN_COMPANY)
_PARTS = {**_BESIDE, **_ALWAYS, **{head: (head,) for head in _HEADS - _BESIDE.keys() - _ALWAYS.keys()}}


def translated(words: list[str]) -> list[str]:
    """The words of one header, lower case and without accents, in English as far as they are known."""
    singular = [word[:-1] if word not in _ALWAYS and word.endswith("s") else word for word in words]
    plain = [word if word in _ALWAYS else bare for word, bare in zip(words, singular, strict=True)]
    compound = [() if word in _ALWAYS else _compound(word) for word in words]
    is_foreign = [word in _ALWAYS or bool(parts) for word, parts in zip(plain, compound, strict=True)]
    beside = any(is_foreign)
    result: list[str] = []
    for word, bare, parts in zip(words, plain, compound, strict=True):
        if bare in _ALWAYS:
            result += _ALWAYS[bare]
        elif parts:
            result += parts
        else:
            result += _BESIDE[bare] if beside and bare in _BESIDE and len(words) > 1 else (word,)
    return result


def _compound(word: str) -> tuple[str, ...]:
    """A German compound of known words, such as schaden+tag, in English; empty where it is none."""
    if len(word) < _MIN_COMPOUND_CHARS:
        return ()
    for end in range(len(word) - 2, _MIN_PART_CHARS - 1, -1):
        first = word[:end]
        if first not in _ALWAYS:
            continue
        for joint in _JOINTS:
            rest = word[end + len(joint) :] if word[end:].startswith(joint) else ""
            if rest in _PARTS:
                return (*_ALWAYS[first], *_PARTS[rest])
    return ()
