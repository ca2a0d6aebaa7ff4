"""Matches, their events and their players."""

from datetime import date, datetime

from core.dataset import PersonalData
from preparation.model import DatasetModel, column


class SportsEvent(
    DatasetModel,
    needs=(
        (
            "home_team, away_team, team, opponent, player, related_player, jersey_number, winner, loser, "
            "match_id, home_score, wickets, formation, position, frame"
        ),
        (
            "home_team, away_team, opponent, home_score, away_score, score, match_id, event_type, winner, result, "
            "competition, period, over, runs, goals, points, assists, rebounds, wickets, position, season, round, "
            "minute, game_clock, lap, formation, frame, jersey_number, medal, x, games_played, outcome, "
            "expected_goals, player"
        ),
    ),
    words=(
        "white, black, opening, moves, turns, heim, gast, tore, team, teams, player, players, match, matches, "
        "score, scores, goal, goals, season, league, tournament, innings, inning, wicket, wickets, batsman, bowler, "
        "batting, bowling, over, overs, runs, toss, referee, umpire, home, away, fthg, ftag, ftr, kickoff, quarter, "
        "touchdown, yards, pitcher, batter, pitch, strikeout, rebounds, assists, assist, steals, blocks, dribble, "
        "foul, fouls, offside, corner, corners, penalty, shot, shots, pass, passes, tackle, tackles, possession, "
        "raid, lap, laps, driver, constructor, grid, race, racing, circuit, podium, medal, olympic, athlete, serve, "
        "ace, aces, racket, surface, winner, loser, opponent, venue, stadium, ground, halftime, pts, fg, reb, ast, "
        "kills, deaths, champion, map, hero, esports, coach, jersey, lineup, formation, xg, striker, fielder, "
        "dismissal, elo, playoff, goalkeeper, ball, xfl, nba, nfl, mlb, nhl, fifa, ipl, atp, wta, f1, standings, "
        "wins, losses, draws, red, blue, clearance, interception, duel, keeper, set1, set2, w1, l1, bib, finish, "
        "heat, stint, pit"
    ),
):
    """One thing that happened in a match, one match, or one player's part in it."""

    event_id: str = column(
        description="The event.",
        synonyms=("id, uuid, eventid, play id, playid, index, event index, event num, eventnum, delivery id"),
        telling=0.3,
    )
    match_id: str = column(
        description="The match.",
        synonyms=(
            "game id, match no, match number, fixture id, matchid, gameid, race id, raceid, match, game, match num, "
            "fixture, game no, id match, partido id, tourney id, match key"
        ),
        telling=1.0,
    )
    sport: str = column(description="The sport.", synonyms="discipline, sport name, sport type, game name", telling=0.9)
    competition: str = column(
        description="League, cup or tournament.",
        synonyms=(
            "league, tournament, div, division, event name, tourney name, series, championship, cup, competition "
            "name, league name, campeonato, liga, tournament name, series name, match type, game type, comp, lg"
        ),
        telling=0.9,
    )
    season: str = column(
        description="Season.",
        synonyms=("year, season year, season id, match year, temporada, saison, season name, edition"),
        telling=0.7,
    )
    round: str = column(
        description="Round, stage or week.",
        synonyms=(
            "stage, week, matchday, match week, gameweek, round number, wk, phase, jornada, gw, spieltag, rodada, "
            "match round"
        ),
        telling=0.7,
    )
    match_date: date = column(
        description="Day of the match.",
        synonyms=(
            "date, game date, datetime, date time, match datetime, kickoff time, fixture date, tourney date, fecha, "
            "utcdate, start date, gamedate"
        ),
        telling=0.3,
    )
    time: datetime = column(
        description="When it happened.",
        synonyms=("event time, utc time, utctime, game date time, start time, kickoff, event timestamp, time utc"),
        event_time=True,
        falls_back_on="match_date",
        telling=0.3,
    )
    venue: str = column(
        description="Where.",
        synonyms=(
            "stadium, ground, city, location, arena, circuit, circuit name, track, place, court, estadio, venue "
            "name, pitch location"
        ),
        telling=0.6,
    )
    home_team: str = column(
        description="Home or first team.",
        synonyms=(
            "home, hometeam, team1, team 1, team a, home team name, home side, home club, team home, red, batting "
            "first, first team, hosts, home name, heimteam, equipo local, mandante, red team, home team id, host "
            "team, radiant name, home squad, player 1, player1, p1, heim"
        ),
        telling=1.6,
    )
    away_team: str = column(
        description="Away or second team.",
        synonyms=(
            "away, awayteam, team2, team 2, team b, away team name, visitor, visitors, visiting team, away side, "
            "away club, team away, blue, visitor team, away name, gastteam, equipo visitante, visitante, blue team, "
            "away team id, guest team, dire name, away squad, player 2, player2, p2, gast"
        ),
        telling=1.6,
    )
    home_score: float = column(
        description="Points of the home or first team.",
        synonyms=(
            "home goals, fthg, team1 score, team 1 score, home points, score1, score 1, hg, home team score, pts "
            "home, red score, home team goals, goals home, team1 goals, team a score, home final, hgoals, ftr home, "
            "home runs scored, home team points, score home, goles local, first innings score, pts h, home pts, "
            "team 1 points, tore heim"
        ),
        ge=0,
        telling=1.6,
    )
    away_score: float = column(
        description="Points of the away or second team.",
        synonyms=(
            "away goals, ftag, team2 score, team 2 score, away points, score2, score 2, ag, visitor score, away "
            "team score, pts away, blue score, away team goals, goals away, team2 goals, team b score, away final, "
            "vgoals, visitor pts, pts visitor, away team points, score away, goles visitante, second innings score, "
            "pts v, away pts, team 2 points, tore gast"
        ),
        ge=0,
        telling=1.6,
    )
    half_time_home_score: float = column(
        description="Of the home team at half time.",
        synonyms="hthg, home half time score, ht home score, home score half time",
    )
    half_time_away_score: float = column(
        description="Of the away team at half time.",
        synonyms="htag, away half time score, ht away score, away score half time",
    )
    winner: str = column(
        description="Who won.",
        synonyms=(
            "winning team, match winner, winner name, map winner, won by team, winner id, victor, team won, "
            "ganador, champion, gold winner, victory team"
        ),
        telling=1.1,
    )
    loser: str = column(description="Who lost.", synonyms="losing team, loser name, map loser, loser id, runner up")
    result: str = column(
        description="How it ended.",
        synonyms=(
            "ftr, outcome, win loss, wl, match result, full time result, final result, result type, won by, w l, "
            "game result, resultado"
        ),
        telling=0.6,
    )
    margin: str = column(
        description="By how much.",
        synonyms=(
            "result margin, win margin, win by runs, win by wickets, margin of victory, point differential, plus minus"
        ),
    )
    score: str = column(
        description="The score as written.",
        synonyms=(
            "final score, ft, full time score, match score, set scores, resultado final, game score, ergebnis, "
            "scoreline"
        ),
        telling=0.6,
    )
    period: str = column(
        description="Half, quarter, set or inning.",
        synonyms=(
            "half, quarter, qtr, inning, innings, period id, set, game section, game period, match period, set "
            "number, period number, inning number, half number"
        ),
        telling=0.9,
    )
    minute: float = column(
        description="Minute of the match.",
        unit="min",
        synonyms=("min, mins, expanded minute, match minute, elapsed, minuto, game minute, minutes"),
        telling=0.4,
    )
    second: float = column(
        description="Second of the minute or match.",
        unit="s",
        synonyms=(
            "sec, seconds, game seconds, match time, total seconds, seconds remaining, game seconds remaining, start"
        ),
        telling=0.3,
    )
    game_clock: str = column(
        description="Clock of the match as written.",
        synonyms=(
            "clock, timestamp, time, pctimestring, game time, time remaining, match clock, clock display, quarter "
            "time, period time, time left, remaining time"
        ),
        telling=0.3,
    )
    event_type: str = column(
        description="What happened.",
        synonyms=(
            "type, event, type name, event name, action, play type, playtype, eventtype, action type, code, event "
            "code, shot type, extras type, play, pitch type, event type name, goal type"
        ),
        telling=0.6,
    )
    outcome: str = column(
        description="How it came out.",
        synonyms=(
            "outcome name, outcome type, shot outcome, evaluation, success, shot result, is goal, result of play, "
            "dismissal kind, wicket type, pitch result"
        ),
        telling=0.5,
    )
    description: str = column(
        description="In words.",
        synonyms=(
            "desc, commentary, details, play description, homedescription, text, play desc, event description, notes"
        ),
        kind="text",
        telling=0.3,
    )
    team: str = column(
        description="Whose event it is.",
        synonyms=(
            "team name, club, batting team, team id, squad, tm, posteam, possession team, team abbreviation, teams, "
            "country team, constructor, team abbr, equipo, mannschaft, nation, constructor name, time da casa, side"
        ),
        telling=0.8,
    )
    opponent: str = column(
        description="Against whom.",
        synonyms=("opp, opposition, bowling team, defteam, against, opponent team, vs, rival, opponent name"),
        telling=1.2,
    )
    player: str = column(
        description="Who did it.",
        synonyms=(
            "player name, batter, horse, jockey, batsman, scorer, player id, athlete, athlete name, striker, "
            "shooter, passer, driver, driver name, name, player full name, jugador, player nickname, spieler, "
            "goalscorer, competitor, rider, batter name, runner, joueur, player 1 name, gamer, fighter"
        ),
        telling=1.2,
        personal=PersonalData.PERSON_NAME,
    )
    related_player: str = column(
        description="Who else took part.",
        synonyms=(
            "assist player, receiver, recipient, bowler, pitcher, player2 name, non striker, player dismissed, pass "
            "recipient, fielder, player 2 name, assist by"
        ),
        telling=1.0,
        personal=PersonalData.PERSON_NAME,
    )
    jersey_number: int = column(
        description="Shirt.",
        synonyms=("jersey, shirt number, jersey no, number, bib, kit number, jerseynumber, car number, bib number"),
        telling=0.7,
    )
    position: str = column(
        description="Position played, or place reached.",
        synonyms=(
            "pos, role, position name, place, rank, rk, player position, grid position, finish position, position "
            "order, finishing position, final position, playing position"
        ),
        telling=0.5,
    )
    formation: str = column(
        description="Formation.",
        synonyms="tactics, lineup, line up, squad list, player data, players",
    )
    x: float = column(
        description="Along the pitch.",
        synonyms=(
            "x position, pos x, location x, x coord, start x, ball x, x norm, loc x, coordinates x, xposition, x "
            "coordinate"
        ),
        telling=0.3,
    )
    y: float = column(
        description="Across the pitch.",
        synonyms=(
            "y position, pos y, location y, y coord, start y, ball y, y norm, loc y, coordinates y, yposition, y "
            "coordinate"
        ),
        telling=0.3,
    )
    end_x: float = column(
        description="Where it ended, along.", synonyms="end location x, pass end x, x end", telling=0.6
    )
    end_y: float = column(
        description="Where it ended, across.", synonyms="end location y, pass end y, y end", telling=0.6
    )
    speed: float = column(
        description="Speed.", synonyms="velocity, pitch speed, release speed, ball speed, avg speed kmh", telling=0.2
    )
    frame: int = column(
        description="Picture of the tracking data.",
        synonyms="frame id, frame count, frame num, frameid, framecount",
        telling=0.5,
    )
    points: float = column(
        description="Points.",
        synonyms=("pts, pts scored, points scored, punkte, total points, fantasy points, puntos"),
        telling=0.6,
    )
    goals: float = column(
        description="Goals.", synonyms="gls, goals scored, goles, total goals, goal count, tore", telling=1.0
    )
    assists: float = column(description="Assists.", synonyms="ast, assist, total assists", telling=1.0)
    rebounds: float = column(description="Rebounds.", synonyms="reb, trb, total rebounds, rebounds total", telling=1.1)
    runs: float = column(
        description="Runs.",
        synonyms=("batsman runs, total runs, runs scored, runs off bat, batter runs, run, r, runs batter, bat runs"),
        telling=0.9,
    )
    wickets: float = column(
        description="Wickets.",
        synonyms=("is wicket, wicket, wkts, wickets taken, iswicketdelivery, wides, total wickets"),
        telling=1.2,
    )
    over: float = column(description="Over.", synonyms="overs, over number, over no, overs bowled", telling=0.9)
    ball: float = column(
        description="Ball of the over.",
        synonyms="ball number, delivery, ball no, ballnumber, balls, balls faced",
        telling=0.8,
    )
    lap: float = column(
        description="Lap.",
        synonyms=("laps, lap number, lap time, laps completed, fastest lap, lapnumber, fastest lap time, lap duration"),
        telling=1.0,
    )
    attendance: float = column(description="Spectators.", synonyms="crowd, spectators, zuschauer", telling=0.7)
    referee: str = column(
        description="Referee or umpire.",
        synonyms=("umpire, umpire1, umpire 1, official, arbitro, refree, referee name, schiedsrichter"),
    )
    games_played: float = column(
        description="Games.",
        synonyms=("gp, games, matches, matches played, played, mp, mat, g, innings played, apps, appearances"),
        telling=0.7,
    )
    expected_goals: float = column(
        description="Expected goals.", synonyms="xg, shot xg, statsbomb xg, npxg, home xg, x g"
    )
    medal: str = column(description="Medal.", synonyms="medals, medal type", telling=1.4)
