using System.Text;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>A connected client, for tables.</summary>
/// <param name="Peer">Its address and port.</param>
/// <param name="Is311">Whether it uses MQTT 3.1.1.</param>
/// <param name="KeepAliveSeconds">The keep-alive in force; 0 for none.</param>
/// <param name="ConnectedAt">When it was accepted, in nanoseconds since 1970-01-01 UTC.</param>
/// <param name="Certificate">The subject of its certificate; null if the client sent no certificate.</param>
internal sealed record ClientFacts(string Peer, bool Is311, int KeepAliveSeconds, long ConnectedAt, string? Certificate);

/// <summary>The tables of an endpoint. Reads the state that connections publish; no connection waits for a table.</summary>
internal static class EndpointTables
{
    private static readonly AdapterColumn[] s_clients =
    [
        new("clientId", "Client id", AdapterColumnKind.Id),
        new("state", "State", AdapterColumnKind.State),
        new("address", "Address", AdapterColumnKind.Text),
        new("user", "User", AdapterColumnKind.Text),
        new("certificate", "Certificate", AdapterColumnKind.Text),
        new("protocol", "Protocol", AdapterColumnKind.Text),
        new("connectedAt", "Connected since", AdapterColumnKind.Time),
        new("keepAlive", "Keep-alive", AdapterColumnKind.Duration, "s"),
        new("inFlight", "In flight", AdapterColumnKind.Count),
        new("queued", "Queued", AdapterColumnKind.Bytes),
        new("subscriptions", "Subscriptions", AdapterColumnKind.Count),
    ];

    private static readonly AdapterColumn[] s_subscriptions =
    [
        new("filter", "Topic filter", AdapterColumnKind.Id),
        new("clientId", "Client id", AdapterColumnKind.Id),
        new("state", "State", AdapterColumnKind.State),
        new("qos", "QoS", AdapterColumnKind.Count),
        new("group", "Shared subscription", AdapterColumnKind.Text),
        new("options", "Options", AdapterColumnKind.List),
    ];

    public static IReadOnlyList<AdapterTable> Of(EndpointCore core) =>
    [
        AdapterTable.Of(
            "clients", "Clients", s_clients, core.Sessions.ToArray, static session => session.ClientId, session => RowOf(core, session),
            () => core.Sessions.Count),
        AdapterTable.Of(
            "subscriptions", "Subscriptions", s_subscriptions, () => core.Sessions.ToArray().SelectMany(SubscriptionsOf),
            static one => $"{one.Filter} {one.Session.ClientId}", static one => RowOf(one),
            () => core.Sessions.ToArray().Sum(CountOf)),
    ];

    private static AdapterCell[] RowOf(EndpointCore core, EndpointSession session)
    {
        ClientFacts? client = session.Owner?.Facts;
        Subscriber? subscriber = session.Subscriber;
        return
        [
            session.ClientId, StateOf(session), client?.Peer, session.User, client?.Certificate,
            client is null ? null : client.Is311 ? "MQTT 3.1.1" : "MQTT 5",
            AdapterCell.TimeOf(client?.ConnectedAt ?? 0), client?.KeepAliveSeconds, subscriber?.Window.Count ?? 0,
            QueuedBytes(core, subscriber), CountOf(session),
        ];
    }

    private static AdapterCell[] RowOf(SubscriptionFact one) =>
    [
        one.Filter, one.Session.ClientId, StateOf(one.Session), (int)one.Subscription.Options.Qos, one.Group,
        AdapterCell.Of(
        [
            .. new[]
            {
                one.Subscription.Options.NoLocal ? "no local" : null,
                one.Subscription.Options.RetainAsPublished ? "retain as published" : null,
            }.OfType<string>(),
        ]),
    ];

    private static string StateOf(EndpointSession session) => session.Owner is null ? "disconnected" : "connected";

    private static int CountOf(EndpointSession session) =>
        session.Subscriber is { } subscriber ? subscriber.Subscriptions.Length + subscriber.Shared.Length : 0;

    // The bytes of the relay from the oldest message that the session needs. Messages of other sessions are counted too.
    private static long QueuedBytes(EndpointCore core, Subscriber? subscriber) =>
        core.Serving is { } serving && subscriber?.OldestNeeded is { } oldest && oldest != RelayPlace.Nothing
            ? Math.Max(0, serving.Relay.Newest - oldest)
            : 0;

    private static IEnumerable<SubscriptionFact> SubscriptionsOf(EndpointSession session)
    {
        if (session.Subscriber is not { } subscriber)
        {
            yield break;
        }

        foreach (Subscription one in subscriber.Subscriptions)
        {
            yield return new SubscriptionFact(session, one, Encoding.UTF8.GetString(one.Filter), Group: null);
        }

        foreach (SharedSubscription shared in subscriber.Shared)
        {
            string name = Encoding.UTF8.GetString(shared.Group.Name);
            yield return new SubscriptionFact(session, shared.Subscription, name, name.Split('/')[1]);
        }
    }

    private sealed record SubscriptionFact(EndpointSession Session, Subscription Subscription, string Filter, string? Group);
}
