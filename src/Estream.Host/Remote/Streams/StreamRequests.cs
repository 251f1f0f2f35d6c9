using System.Text;
using Estream.Circuits;
using Estream.Client;
using Estream.Client.Protocol;
using Estream.Core;
using Estream.Crypto;
using Estream.Esf;
using Estream.Host.Http;
using Estream.Host.Runtime;
using Estream.Host.Widgets;

namespace Estream.Host.Remote;

/// <summary>Handles the stream requests of one connection. The read loop calls it; only <see cref="EndChanged"/> is thread-safe.</summary>
internal sealed class StreamRequests(
    RemoteServer server, RemoteSession session, RemoteParts parts, Identity identity, SubscriptionTable subscriptions)
{
    /// <summary>The maximum number of lines a second that all subscriptions of a connection get together.</summary>
    public const int MaxPerSecondOfAll = 20_000;

    private const int MaxPatternBytes = 1024;
    private const int MaxSources = 64;
    private const int MaxPerSecond = 10_000;

    private readonly FrameBuilder _frame = new();

    /// <summary>Begins a subscription.</summary>
    /// <exception cref="RemoteRefusalException">The request is malformed, or not permitted.</exception>
    public void Subscribe(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        PayloadReader reader = new(payload);
        string component = RemoteRequests.Name(header, reader.ShortBytes(), mayBeEmpty: true);
        ReadOnlySpan<byte> text = reader.ShortBytes();
        uint perSecond = reader.UInt32();
        uint credit = reader.UInt32();
        RemoteRequests.RequireComplete(header, reader);
        if (text.Length > MaxPatternBytes || perSecond is 0 or > MaxPerSecond)
        {
            throw new RemoteRefusalException(ClientStatus.Invalid, text.Length > MaxPatternBytes
                ? $"The pattern has {text.Length} bytes, and at most {MaxPatternBytes} are allowed."
                : $"The number of messages a second is {perSecond}; set 1 to {MaxPerSecond}.");
        }

        RemoteServer.Require(identity.Role, AccessRole.Viewer, "read streams");
        StreamPattern pattern = StreamPattern.Parse(Encoding.UTF8.GetString(text));
        WidgetGrant? grant = component.Length == 0 ? null : RequireGranted(component, pattern);
        StreamRequest request = new(component, grant?.Stamp ?? "", pattern, (int)perSecond, grant?.Refresh ?? TimeSpan.Zero);
        subscriptions.Reserve(header);
        LineSubscription subscription;
        try
        {
            subscription = pattern.Table is { } table ? Open(header.Id, request, credit, table) : Open(header.Id, request, credit);
        }
        catch
        {
            subscriptions.Remove(header.Id);
            throw;
        }

        subscriptions.Set(header.Id, subscription);
        session.Output.Write(_frame.Begin().End(ClientOp.StreamSubscribe, header.Id));
        subscription.Start();
    }

    /// <summary>Ends the subscriptions of components whose rights have changed.</summary>
    public void EndChanged()
    {
        if (server.Widgets is not { } widgets)
        {
            return;
        }

        foreach (LineSubscription subscription in subscriptions.Open.OfType<LineSubscription>())
        {
            _ = subscription.EndIfChangedAsync(widgets);
        }
    }

    /// <summary>Requires that the widget of a component may read what a pattern selects, and returns its rights.</summary>
    private WidgetGrant RequireGranted(string component, StreamPattern pattern)
    {
        string? reason = null;
        if (server.Widgets?.TryFind(component, out WidgetGrant? grant, out reason) is not true || grant is null)
        {
            throw new RemoteRefusalException(ClientStatus.NotFound, reason ?? "The host runs no widgets of components.");
        }

        reason = !pattern.IsDeclared(grant.Streams, grant.Tables)
            ? $"The signed manifest of {component} does not declare '{pattern}'. Ask its publisher for a version that declares it."
            : !pattern.IsCovered(grant.Permissions)
            ? $"The permissions of {component} in the lock do not permit reading '{pattern}'. Approve them with: "
                + "estream marketplace install"
            : !grant.RequiredRoles.Any(Satisfies)
            ? $"{component} needs one of the roles {string.Join(", ", grant.RequiredRoles)}; the token has the role "
                + $"{RoleMiddleware.NameOf(identity.Role)}."
            : null;
        return reason is null ? grant : throw new RemoteRefusalException(ClientStatus.Forbidden, reason);
    }

    // Tokens have no grants for the roles registrar and governance, so only an administrator has these roles.
    private bool Satisfies(string role) => identity.Role >= role switch
    {
        "viewer" => AccessRole.Viewer,
        "operator" => AccessRole.Operator,
        "developer" => AccessRole.Developer,
        _ => AccessRole.Admin,
    };

    private TableSubscription Open(uint id, StreamRequest request, uint credit, string table)
    {
        if (!parts.Access.MayReadMap(identity, table))
        {
            throw new RemoteRefusalException(ClientStatus.Forbidden, QueueAccess.WhyNot(identity, "read", "map", table));
        }

        return parts.Maps.TryGetValue(table, out IRemoteMap? map)
            ? new TableSubscription(session, id, request, credit, map, parts)
            : throw new RemoteRefusalException(ClientStatus.NotFound,
                $"The host has no map '{table}'. Add it to Estream:Client:Maps or Estream:Maps.");
    }

    private StreamSubscription Open(uint id, StreamRequest request, uint credit)
    {
        List<StreamSource> sources = [];
        StreamSubscription? subscription = null;
        try
        {
            foreach ((QueueRuntime queue, IReadOnlyList<EsfAddressPattern>? paths) in Select(request.Pattern))
            {
                sources.Add(new StreamSource(queue, paths?.Select(path => parts.Json.Filter(null, path)) ?? []));
            }

            subscription = new StreamSubscription(session, id, request, credit, [.. sources], parts.Json);
            if (sources.Find(source => !source.Owner.TryAdd(subscription)) is { } gone)
            {
                throw new RemoteRefusalException(ClientStatus.NotFound, $"Queue '{gone.Owner.Name}' was removed.");
            }

            // A reload may have replaced the rights since the queues were selected.
            _ = subscription.EndIfForbiddenAsync(parts.Access);
            return subscription;
        }
        catch
        {
            sources.ForEach(source => source.Dispose());
            subscription?.Dispose();
            throw;
        }
    }

    /// <summary>Finds the queues with messages that a pattern selects and that the client may read, each with the addresses of the
    /// messages; null for all messages of the queue.</summary>
    private List<(QueueRuntime Queue, IReadOnlyList<EsfAddressPattern>? Paths)> Select(StreamPattern pattern)
    {
        QueueAccess access = parts.Access;
        Dictionary<string, List<EsfAddressPattern>?> selected = new(StringComparer.Ordinal);
        foreach ((LexAddress address, LexTarget target) in parts.Streams.All)
        {
            if (target.Kind == LexTargetKind.Queue && pattern.TrySelect(address, out EsfAddressPattern? rest)
                && access.MayRead(identity, target.Name))
            {
                Add(selected, target.Name, rest);
            }
        }

        List<(QueueRuntime Queue, IReadOnlyList<EsfAddressPattern>? Paths)> queues = [];
        foreach ((string name, List<EsfAddressPattern>? paths) in selected)
        {
            foreach (string one in NamesOf(name))
            {
                if (parts.Queues.TryGetValue(one, out QueueRuntime? queue))
                {
                    queues.Add((queue, paths));
                }
            }
        }

        // A client with scopes does not learn which addresses the host has.
        return queues.Count > MaxSources
            ? throw new RemoteRefusalException(ClientStatus.LimitExceeded,
                $"'{pattern}' selects {queues.Count} queues, and at most {MaxSources} are allowed. Use fewer names in braces.")
            : queues.Count > 0 ? queues
            : identity.Scopes.IsLimited ? throw new RemoteRefusalException(ClientStatus.Forbidden,
                $"The scopes of {identity.Name} include no queue at an address of '{pattern}'. They are: {identity.Scopes}.")
            : throw new RemoteRefusalException(ClientStatus.NotFound,
                $"The host has no queue at an address of '{pattern}'. Set Estream:Queues:NAME:Lex; /api/lex lists all addresses.");
    }

    private IEnumerable<string> NamesOf(string queue) => parts.PartitionsOf(queue) is > 0 and var count
        ? Enumerable.Range(0, count).Select(number => PartitionName.Of(queue, number))
        : [queue];

    private static void Add(Dictionary<string, List<EsfAddressPattern>?> selected, string queue, EsfAddressPattern? path)
    {
        if (path is null)
        {
            selected[queue] = null;
        }
        else if (!selected.TryGetValue(queue, out List<EsfAddressPattern>? paths))
        {
            selected.Add(queue, [path]);
        }
        else
        {
            paths?.Add(path);
        }
    }
}
