"""Posts, comments and reviews that people publish, with what others did with them."""

from datetime import datetime

from core.dataset import PersonalData
from preparation.model import DatasetModel, column


class SocialPost(
    DatasetModel,
    needs=(
        ("text, title, likes, shares, comments, views, reactions, hashtags, impressions, url"),
        (
            "likes, shares, comments, reactions, author, platform, sentiment, mean_sentiment, hashtags, subreddit, "
            "followers, post_id, quotes, impressions, views, rating, helpful_votes, upvotes, posted_at, text"
        ),
    ),
    words=(
        "tweet, tweets, retweet, retweets, retweeted, likes, like, hashtag, hashtags, post, posts, comment, "
        "comments, caption, followers, follower, subreddit, reddit, twitter, instagram, facebook, tiktok, youtube, "
        "linkedin, reply, replies, upvote, upvotes, downvotes, mentions, emoji, reaction, reactions, review, "
        "reviews, reviewer, thumbs, influencer, sentiment, reach, impressions, engagement, num_comments, reshares, "
        "dislikes, karma, permalink, shares, haha, polarity"
    ),
):
    """One post, comment or review: who wrote what, where, and how people took it."""

    post_id: str = column(
        description="The post.",
        synonyms=(
            "tweet id, id str, comment id, review id, status id, media id, video id, reviewid, submission id, "
            "message id, id, tweetid, idx, link id, thread id"
        ),
        telling=0.8,
    )
    posted_at: datetime = column(
        description="When it was posted.",
        synonyms=(
            "created at, timestamp, post date, date, created, created utc, created time, posted on, date posted, "
            "publish time, published at, post time, tweet created, time, datetime, at, upload date, review date, "
            "review time, posted date, date time, comment date, status published, published date, publish date, "
            "review posted date, posting date, tweet date, date of review, comment time, time posted"
        ),
        event_time=True,
        telling=0.5,
    )
    author: str = column(
        description="Who posted.",
        synonyms=(
            "username, user name, user, screen name, handle, author name, user screen name, channel title, account, "
            "profile name, profilename, poster, reviewer, reviewer name, from user, user id, author id, channel, "
            "nickname, channel name, user handle, usuario, blogger, commenter, airline sentiment name, "
            "reviewername, userid, user full name, authors, influencer name, sender"
        ),
        personal=PersonalData.PERSON_NAME,
        telling=0.6,
    )
    platform: str = column(
        description="Where it was posted.",
        synonyms=(
            "social media, network, social network, social platform, site, source, app, social media platform, "
            "tweet source, tipo de rede"
        ),
        telling=0.7,
    )
    subreddit: str = column(
        description="Group or board.", synonyms="community, forum, group, board, page name, sub", telling=1.2
    )
    title: str = column(
        description="Headline of the post.",
        synonyms=("post title, headline, subject, summary, review title, video title, review headline, review summary"),
        telling=0.4,
    )
    text: str = column(
        description="What was written.",
        synonyms=(
            "body, content, post text, tweet, tweet text, full text, caption, comment, comment text, message, post, "
            "review, review text, selftext, post content, tweet content, sentence, status message, review body, "
            "description, clean text, reviews, comments text, text content, mensagem, texto, content text, body "
            "text, reviewtext, reviews text, comment body, originaltweet, original tweet, post body, clean tweet, "
            "tidy tweet, tweets, user review, phrase, review content, feedback, comment content, verified reviews, "
            "cleaned text, processed text, post message, utterance, texte, cuerpo, negative review, positive "
            "review, review comments, post caption, tweet content text"
        ),
        personal=PersonalData.FREE_TEXT,
        kind="text",
        telling=1.0,
    )
    language: str = column(description="Language.", synonyms="lang, idioma, tweet language, sprache", telling=0.6)
    hashtags: str = column(description="Hashtags.", synonyms="hashtag, tags, hash tags", telling=1.0)
    mentions: str = column(
        description="Accounts named in it.", synonyms="user mentions, mentioned users, mention", telling=1.0
    )
    topic: str = column(
        description="Topic.", synonyms="theme, subject matter, keyword, query, entity, category", telling=0.3
    )
    media_type: str = column(
        description="Photo, video, text …",
        synonyms="post type, content type, type, status type, tipo, media",
        telling=0.5,
    )
    media_url: str = column(
        description="Where its picture or video is.",
        synonyms=("thumbnail url, thumbnail, image url, thumbnail link, media link, photo url"),
        telling=0.6,
    )
    url: str = column(
        description="Where it is.",
        synonyms=("permalink, link, post url, tweet url, status link, post link, tweet link, video url"),
        telling=0.4,
    )
    in_reply_to: str = column(
        description="The post that it answers.",
        synonyms=("parent id, in reply to status id, reply to, in reply to id, parent comment id, in reply to user id"),
        telling=0.8,
    )
    likes: int = column(
        description="Likes.",
        ge=0,
        synonyms=(
            "like count, likes count, favorite count, favorites, favourites, favourite count, favs, num likes, "
            "like, hearts, curtidas, likecount, number of likes, no of likes, digg count, post likes, total likes, "
            "tweet like count, me gusta, likes received"
        ),
        telling=1.2,
    )
    upvotes: int = column(
        description="Votes for it, less votes against it where they are netted.",
        synonyms=(
            "score, ups, upvote count, thumbs up count, thumbsupcount, points, votes, thumbs up, net score, up votes"
        ),
        telling=0.6,
    )
    dislikes: int = column(description="Votes against.", synonyms="downvotes, downs, dislike count, thumbs down", ge=0)
    shares: int = column(
        description="Shares and retweets.",
        ge=0,
        synonyms=(
            "retweets, retweet count, share count, reposts, retweetcount, num shares, shares count, number of "
            "retweets, rts, reshares, repost count, compartilhamentos, retweet, share, post shares, no of shares, "
            "forwards, forward count"
        ),
        telling=1.2,
    )
    comments: int = column(
        description="Comments and replies.",
        ge=0,
        synonyms=(
            "comments count, comment count, descendants, num comments, replies, reply count, number of comments, n "
            "comments, replycount, total comments, comms num, comentarios, comment total, answers count, no of "
            "comments, reviews count"
        ),
        telling=1.0,
    )
    quotes: int = column(description="Posts that quote it.", synonyms="quote count, quotecount, quote tweets", ge=0)
    reactions: int = column(
        description="Reactions of all kinds.",
        synonyms=(
            "reaction count, num reactions, total reactions, engagement, engagements, total engagement, "
            "interactions, engagement count"
        ),
        ge=0,
    )
    views: int = column(
        description="Views.",
        synonyms=(
            "view count, plays, video views, play count, viewcount, visualizacoes, number of views, views count, "
            "total views"
        ),
        ge=0,
        telling=0.7,
    )
    impressions: int = column(
        description="Times it was shown.",
        synonyms="impression count, post impressions, total impressions",
        ge=0,
        telling=0.8,
    )
    reach: int = column(
        description="People it reached.",
        synonyms="accounts reached, post reach, total reach, alcance",
        ge=0,
        telling=0.9,
    )
    saves: int = column(
        description="Times it was saved.",
        synonyms="saved, save count, bookmarks, bookmark count, saves count",
        ge=0,
        telling=0.9,
    )
    followers: int = column(
        description="Followers of the author.",
        synonyms=(
            "follower count, followers count, user followers, user followers count, subscribers, num followers, "
            "seguidores, follower"
        ),
        ge=0,
        telling=0.9,
    )
    following: int = column(
        description="Accounts that the author follows.",
        synonyms="friends, friends count, following count, user friends",
        ge=0,
        telling=0.8,
    )
    engagement_rate: float = column(description="Engagement over reach.", unit="%", synonyms="er, engagement pct")
    is_verified: bool = column(
        description="Whether the author or purchase is verified.",
        synonyms="verified, user verified, verified purchase, is verified user",
        telling=0.7,
    )
    rating: float = column(
        description="Stars given.",
        synonyms=("stars, star rating, review rating, overall, rating score, review score, user rating, rate"),
        telling=0.5,
    )
    helpful_votes: int = column(
        description="People who found it helpful.",
        synonyms=(
            "helpful, helpfulness numerator, helpful count, vote, helpful vote, useful, cool, funny, found helpful, "
            "helpfulness"
        ),
    )
    product: str = column(
        description="What it is about.",
        synonyms=(
            "product id, product name, asin, business id, app, app name, airline, brand, productid, parent asin, "
            "business name"
        ),
        telling=0.3,
    )
    author_location: str = column(
        description="Where the author is.",
        synonyms="user location, location, place, country, tweet location, city",
        telling=0.2,
    )
    sentiment: str = column(
        description="Sentiment given with it.",
        synonyms=(
            "label, sentiment label, polarity, airline sentiment, target, emotion, sentiment type, sentiments, "
            "class, category label, feeling, sentiment class"
        ),
        telling=0.7,
    )
    mean_sentiment: float = column(
        description="Mean rating of its sentiment by people.",
        synonyms=(
            "sentiment rating, human sentiment, sentiment mean, mean rating, sentiment value, compound, compound "
            "score, sentiment polarity"
        ),
    )
    sentiment_score: float = column(
        description="Sentiment of the text, computed: -1 most negative, 1 most positive.", ge=-1, le=1, telling=0.5
    )
