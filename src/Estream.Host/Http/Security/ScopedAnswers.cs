using System.Buffers;
using System.Text.Json;
using Estream.Crypto;
using Estream.Host.Runtime;

namespace Estream.Host.Http;

/// <summary>Removes from answers and events what the scopes of a token do not include.</summary>
internal static class ScopedAnswers
{
    /// <summary>Returns the scopes of a token, such as <c>queue=orders:append</c>; empty for a token without scopes.</summary>
    public static string[] ListOf(AccessScopes scopes) => scopes.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Returns an overview without the parts that a token does not reach. Adapters, circuits and other parts of the host are
    /// neither queues nor maps, so a token with scopes sees none.</summary>
    public static Overview Limit(Overview overview, QueueAccess access, Identity identity) =>
        !IsLimited(identity) ? overview : overview with
    {
        Adapters = identity.Scopes.IsLimited ? [] : overview.Adapters,
        Queues = [.. overview.Queues.Where(queue => access.MayRead(identity, queue.Name)).Select(queue => Limit(queue, identity))],
        Maps = [.. overview.Maps.Where(map => access.MayReadMap(identity, map.Name))],
        Pipelines = [.. overview.Pipelines.Where(pipeline => access.MayRead(identity, pipeline.Queue))],
        Circuits = identity.Scopes.IsLimited ? [] : overview.Circuits,
        Witnesses = [.. overview.Witnesses.Where(witness => access.MayRead(identity, witness.Queue))],
        Tenants = identity.Scopes.IsLimited ? [] : overview.Tenants,
        Cards = identity.Scopes.IsLimited ? [] : overview.Cards,
        Multicast = [.. overview.Multicast.Where(one => access.MayRead(identity, one.Queue))],
        Replicas = identity.Scopes.IsLimited ? [] : overview.Replicas,
        Replication = [.. overview.Replication.Where(one => one.Kind == "map"
            ? access.MayReadMap(identity, one.Queue)
            : access.MayRead(identity, one.Queue))],
        Quarantined = identity.Scopes.IsLimited ? [] : overview.Quarantined,
        Alerts = [.. overview.Alerts.Where(alert => SeriesInfo.IsReadable(alert.Series, identity, access))],
    };

    /// <summary>Returns the row of a queue. For a token with scopes, removes the names of readers, which the scopes may not
    /// include.</summary>
    public static QueueOverview Limit(QueueOverview queue, Identity identity) =>
        identity.Scopes.IsLimited ? queue with { RetentionHeldBy = "", HeldBy = null } : queue;

    /// <summary>Returns the description of a queue without the parts of the host that a token with scopes does not reach.</summary>
    public static QueueDetail Limit(QueueDetail queue, QueueAccess access, Identity identity)
    {
        if (!identity.Scopes.IsLimited)
        {
            return queue;
        }

        QueueReader[] readers =
        [
            .. queue.Readers.Where(reader => reader.Kind is "tailer" or "group"
                || (reader.Kind == "map" && access.MayReadMap(identity, reader.Name))),
        ];
        string[] holders = [.. queue.Retention.HeldBy.Intersect(readers.Select(reader => reader.Tailer), StringComparer.Ordinal)];
        return queue with
        {
            Sources = [],
            Readers = readers,
            Retention = queue.Retention with { HeldBy = holders },
            RetentionHeldBy = string.Join(", ", holders),
            HeldBy = null,
            PauseDetail = queue.PauseDetail.Length == 0 ? "" : "The queue is paused.",
        };
    }

    /// <summary>Returns an event of <see cref="EventHub"/> without the parts that a token does not reach.</summary>
    public static byte[] Limit(byte[] frame, IHostView view, Identity identity)
    {
        if (!IsLimited(identity))
        {
            return frame;
        }

        // The event contains only some queues, and the token may reach none of them, so the limits apply to the whole sample.
        (EventKind kind, ReadOnlyMemory<byte> json) = EventFrame.Decode(frame);
        return kind == EventKind.Widgets ? frame : EventFrame.Encode(kind, kind == EventKind.Overview
            ? JsonSerializer.SerializeToUtf8Bytes(
                OverviewEndpoint.Bounded(Limit(view.Overview, view.Access, identity)), ApiJson.Default.Overview)
            : LimitMessages(json, view.Access, identity));
    }

    private static byte[] LimitMessages(ReadOnlyMemory<byte> json, QueueAccess access, Identity identity)
    {
        ArrayBufferWriter<byte> buffer = new(json.Length + 2);
        using JsonDocument messages = JsonDocument.Parse(json);
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartArray();
            foreach (JsonElement message in messages.RootElement.EnumerateArray())
            {
                if (access.MayRead(identity, message.GetProperty("queue").GetString()!))
                {
                    message.WriteTo(writer);
                }
            }

            writer.WriteEndArray();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Whether the scopes of a token can exclude a part of an answer.</summary>
    public static bool IsLimited(Identity identity) => identity.Scopes.IsLimited || !identity.Scopes.ReachesFhir;
}
