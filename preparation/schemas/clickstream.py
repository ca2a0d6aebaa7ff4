"""What visitors do on sites and in apps: page views, clicks, requests to a web server."""

from datetime import datetime

from core.dataset import PersonalData
from preparation.model import DatasetModel, column


class Clickstream(
    DatasetModel,
    needs=(
        (
            "url, session_id, page_title, action, referrer, status_code, method, visitor_id, page_views, bounce_rate, "
            "item_id, request, campaign, clicks, sessions, is_converted"
        ),
        (
            "url, session_id, page_title, referrer, status_code, method, page_views, bounce_rate, visitor_id, clicks, "
            "request, sessions, action, landing_page, is_converted"
        ),
    ),
    words=(
        "page, pages, session, sessions, visit, visits, visitor, click, clicks, clicked, clickstream, url, "
        "referrer, referer, browser, useragent, pageview, pageviews, bounce, http, request, landing, cart, "
        "checkout, purchase, utm, campaign, scroll, hit, hits, funnel, cookie, conversion, impression, traffic, "
        "device, dwell, ga, event, product, exit, path, banner, ad, web, website, transaction, screen"
    ),
):
    """One request, page view, click or other act of a visitor."""

    time: datetime = column(
        description="When it happened.",
        synonyms=(
            "timestamp, event time, hit timestamp, visit time, datetime, date, date time, event timestamp, ts, view "
            "time, access time, request time, visit date, click time, server time, event date, created at, session "
            "start, visit start time, start time, log time, session date, time stamp, timestamp utc, click "
            "timestamp, visit timestamp, session start time, event datetime"
        ),
        event_time=True,
        telling=0.4,
    )
    event_id: str = column(
        description="The event.",
        synonyms=("hit id, click id, view id, request id, log id, visit id, interaction id"),
        telling=0.6,
    )
    user_id: str = column(
        description="Who: a visitor's number.",
        synonyms=(
            "user, customer id, member id, account id, userid, user pseudo id, uid, user name, remote user, "
            "logname, auth user, usuario"
        ),
        personal=PersonalData.ACCOUNT,
        telling=0.5,
        role="actor",
    )
    visitor_id: str = column(
        description="The browser or device.",
        synonyms=(
            "client id, visitorid, fullvisitorid, cookie id, full visitor id, anonymous id, device id, visitor, "
            "guest id, clientid, visitor key"
        ),
        telling=0.8,
        role="actor",
    )
    session_id: str = column(
        description="The visit.",
        synonyms=(
            "session, sessionid, user session, visit id, visitid, session key, session number, sess id, session "
            "identifier"
        ),
        telling=1.6,
        role="actor",
    )
    ip_address: str = column(
        description="The visitor's address.",
        synonyms=(
            "ip, client ip, remote addr, host, remote host, remote ip, client address, c ip, ipaddress, clientip, "
            "user ip, visitor ip, source ip, ip client"
        ),
        telling=0.5,
        role="actor",
    )
    method: str = column(
        description="HTTP method.", synonyms="http method, request method, verb, cs method, requestmethod", telling=1.0
    )
    url: str = column(
        description="The page or resource.",
        synonyms=(
            "page, page url, page path, path, uri, page viewed, request url, request uri, page name, resource, "
            "location url, page visited, cs uri stem, pages, webpage, page location, link, requested url, current "
            "page, endpoint, web page, page id, screen name, content, url path, visited page, screen, pagepath, "
            "current url, website, url visited, page view, target url, route, click url"
        ),
        telling=1.3,
        role="page",
    )
    request: str = column(
        description="The request line.", synonyms="request line, http request, raw request", telling=1.0
    )
    page_title: str = column(
        description="Title of the page.",
        synonyms="page title, pagetitle, document title",
        telling=1.1,
        role="page",
    )
    page_category: str = column(
        description="Kind of page or product.",
        synonyms=(
            "page type, category, category id, category code, product category, content category, section, page 1 "
            "main category, page category, page group, content type"
        ),
        telling=0.5,
    )
    query: str = column(
        description="What was searched for.",
        synonyms=("search term, search query, query string, search keyword, keyword, keywords, search terms"),
        telling=0.5,
    )
    protocol: str = column(description="HTTP version.", synonyms="http version, http protocol", telling=0.5)
    status_code: int = column(
        description="HTTP status.",
        synonyms=(
            "status, http status, response code, http status code, response status, staus, sc status, http code, "
            "code, http response code, response, statuscode"
        ),
        ge=100,
        le=999,
        telling=1.0,
    )
    bytes_sent: int = column(
        description="Size of the answer.",
        unit="By",
        synonyms=(
            "bytes, response size, body bytes sent, size, content length, response bytes, sc bytes, bytes "
            "transferred, bytes out, resp size, object size"
        ),
        ge=0,
        telling=0.5,
    )
    response_time_ms: float = column(
        description="Time to answer.",
        unit="ms",
        synonyms=(
            "response time, latency, request time ms, load time, page load time, duration ms, latency ms, time "
            "taken, response time ms, elapsed ms, processing time ms, page load time ms"
        ),
        ge=0,
        telling=0.8,
    )
    referrer: str = column(
        description="The page before.",
        synonyms=(
            "referer, http referer, previous page, previous page path, ref, referring page, referral, http "
            "referrer, source page, referrer url, from page, page referrer, referral source, referrer type, prev "
            "page, previous url, last page"
        ),
        telling=1.2,
    )
    user_agent: str = column(
        description="Client program.",
        synonyms=("useragent, http user agent, agent, ua, cs user agent, user agent string, browser agent"),
        telling=0.8,
    )
    browser: str = column(description="Browser.", synonyms="browser name, browser type, device browser", telling=0.8)
    device: str = column(
        description="Kind of device.",
        synonyms=("device type, device category, platform, device class, dispositivo, user device"),
        telling=0.5,
    )
    operating_system: str = column(
        description="Operating system.", synonyms="os, os name, operating systems, device os", telling=0.5
    )
    country: str = column(
        description="Country of the visitor.",
        synonyms=("geo country, geo, geonetwork country, region, city, user country, location"),
        telling=0.15,
    )
    action: str = column(
        description="What the visitor did.",
        synonyms=(
            "action type, event type, event, event name, activity, interaction, behavior, behavior type, event "
            "action, activity type, event label, click type, user action, interaction type, behaviour, hit type, "
            "eventtype, click event, click action, action name, event category, customer action"
        ),
        telling=0.7,
    )
    element: str = column(
        description="What was clicked.",
        synonyms=(
            "element id, button, button id, target, element type, clicked element, css selector, ui element, target "
            "element, element clicked"
        ),
        telling=0.8,
    )
    item_id: str = column(
        description="The product or item.",
        synonyms=(
            "product id, itemid, item, sku, article id, product, product viewed, ad id, productid, content id, "
            "course id, product name, page 2 clothing model, product sku, news id, item viewed, movie id viewed"
        ),
        telling=0.4,
        role="page",
    )
    brand: str = column(description="Brand of the item.", synonyms="product brand", telling=0.2)
    price: float = column(
        description="Price of the item.", synonyms="item price, product price, unit price", telling=0.1
    )
    quantity: float = column(description="How many.", synonyms="qty, product quantity", telling=0.1)
    transaction_id: str = column(
        description="The purchase.",
        synonyms="transactionid, order id, purchase id, order number",
        telling=0.3,
        role="goal",
    )
    revenue: float = column(
        description="What was bought for.",
        synonyms=(
            "purchase amount, order value, transaction revenue, total revenue, revenue usd, order total, sale "
            "amount, purchase value"
        ),
        telling=0.3,
        role="goal",
    )
    is_converted: bool = column(
        description="Whether the visit ended in what was wanted.",
        synonyms=(
            "converted, conversion, purchased, purchase, is conversion, goal completed, conversions, conversion "
            "flag, clicked on ad, is click, clicked, is clicked, click, conversion rate"
        ),
        telling=0.8,
        role="goal",
    )
    duration_seconds: float = column(
        description="Time spent.",
        unit="s",
        synonyms=(
            "duration, time spent, time on page, duration sec, session duration, time spent seconds, dwell time, "
            "time on site, engagement time, avg session duration, time spent sec, session length, page duration, "
            "time on page sec, visit duration, average time on page, view duration, average session duration, daily "
            "time spent on site, time on page seconds, viewing time, session duration minutes"
        ),
        ge=0,
        telling=0.7,
    )
    scroll_depth: float = column(
        description="How far it was scrolled.",
        unit="%",
        synonyms="scroll, scroll pct, scroll percent, scroll depth percent",
    )
    page_views: int = column(
        description="Pages in the visit or on the day.",
        synonyms=(
            "pageviews, page view count, pages per session, num pages, unique pageviews, views, pages viewed, total "
            "pageviews, hits, number of pages, page loads, page views count, unique page views"
        ),
        ge=0,
        telling=0.9,
    )
    sessions: int = column(
        description="Visits counted.",
        synonyms=(
            "visits, session count, total sessions, num sessions, new sessions, unique visits, first time visits, "
            "returning visits, unique visitors, visit count, sessions count, new users, total users, active users"
        ),
        ge=0,
        telling=0.9,
    )
    clicks: int = column(
        description="Clicks.",
        synonyms=("click count, num clicks, total clicks, number of clicks, link clicks, mouse clicks"),
        ge=0,
        telling=0.8,
    )
    impressions: int = column(
        description="Times it was shown.", synonyms="impression, ad impressions, impression count", ge=0, telling=0.4
    )
    bounce_rate: float = column(
        description="Visits of a single page.",
        unit="%",
        synonyms=(
            "bounce, bounces, bouncerates, bounced, is bounce, bounce rates, exit rate, exit rates, bounce pct, "
            "exitrates"
        ),
    )
    channel: str = column(
        description="How the visitor came.",
        synonyms=(
            "traffic source, source, medium, channel grouping, source medium, utm source, traffic type, traffic "
            "channel, marketing channel, utm medium, acquisition channel, trafficsource, default channel grouping"
        ),
        telling=0.6,
    )
    campaign: str = column(
        description="Campaign.",
        synonyms=("utm campaign, campaign id, campaign name, ad campaign, ad topic line, ad group"),
        telling=0.5,
    )
    landing_page: str = column(
        description="First page of the visit.", synonyms="entry page, landing page path, landing, entrance page"
    )
    exit_page: str = column(description="Last page of the visit.", synonyms="exit screen, exit page path")
    variant: str = column(
        description="Side of an experiment.",
        synonyms="test group, experiment group, experiment, ab group, group",
        telling=0.4,
    )
    sequence: int = column(
        description="Position in the visit.",
        synonyms=(
            "order, hit number, event sequence, step, hitnumber, click order, sequence number, event order, page "
            "sequence, step number"
        ),
        telling=0.3,
    )
