using System.Net;
using Estream.Net;
using Estream.Net.Multicast;

namespace Estream.Cli.Output;

/// <summary>Prints the events of `estream multicast`, as text or as one JSON object per line.</summary>
internal sealed class MulticastText(LineWriter lines, bool isJson)
{
    public void WriteOpened(string verb, string queue, IPEndPoint endPoint, MulticastChannel channel)
    {
        if (isJson)
        {
            lines.WriteObject(json =>
            {
                json.WriteString("event", verb);
                json.WriteString("queue", queue);
                json.WriteString("endPoint", endPoint.ToString());
                json.WriteString("transport", channel.Kind.ToText());
                json.WriteString("fallback", channel.Fallback?.Reason);
            });
        }
        else
        {
            string fallback = channel.Fallback is { } reason ? $"; not af_xdp: {reason.Reason}" : "";
            lines.WriteLine($"{verb} '{queue}' at {endPoint} over {channel.Description}{fallback}");
        }

        lines.Flush();
    }

    public void WriteReceivers(int count)
    {
        if (isJson)
        {
            lines.WriteObject(json =>
            {
                json.WriteString("event", "receivers");
                json.WriteNumber("receivers", count);
            });
        }
        else
        {
            lines.WriteLine($"receivers: {count}");
        }

        lines.Flush();
    }

    public void WriteRefused()
    {
        if (isJson)
        {
            lines.WriteObject(json => json.WriteString("event", "refused"));
        }
        else
        {
            lines.WriteLine("a subscriber was refused: there are as many as --max-receivers allows");
        }

        lines.Flush();
    }

    public void WriteState(MulticastState state, MulticastSubscriberStatistics statistics)
    {
        string name = state switch
        {
            MulticastState.Joining => "joining",
            MulticastState.CatchingUp => "catching up",
            MulticastState.Live => "live",
            _ => "failed",
        };
        if (isJson)
        {
            lines.WriteObject(json =>
            {
                json.WriteString("event", name);
                json.WriteNumber("messages", statistics.MessagesAppended);
                json.WriteNumber("lagBytes", statistics.LagBytes);
            });
        }
        else
        {
            lines.WriteLine($"{name}: {statistics.MessagesAppended} messages copied, {statistics.LagBytes} bytes behind");
        }

        lines.Flush();
    }

    public void WriteEnd(MulticastPublisherStatistics statistics, PacketCounters counters)
    {
        if (isJson)
        {
            lines.WriteObject(json =>
            {
                json.WriteString("event", "end");
                json.WriteNumber("packetsSent", statistics.PacketsSent);
                json.WriteNumber("packetsRetransmitted", statistics.RetransmittedPackets);
                json.WriteNumber("packetsNotSent", counters.SendDropped);
                json.WriteNumber("packetsInvalid", statistics.InvalidPackets);
            });
        }
        else
        {
            lines.WriteLine($"sent {statistics.PacketsSent} packets, of them {statistics.RetransmittedPackets} again; "
                + $"{counters.SendDropped} could not be sent; {statistics.InvalidPackets} received ones were invalid");
        }
    }

    public void WriteEnd(MulticastSubscriberStatistics statistics, PacketCounters counters)
    {
        if (isJson)
        {
            lines.WriteObject(json =>
            {
                json.WriteString("event", "end");
                json.WriteNumber("messages", statistics.MessagesAppended);
                json.WriteNumber("packetsReceived", statistics.PacketsReceived);
                json.WriteNumber("losses", statistics.Losses);
                json.WriteBoolean("positionsEqual", statistics.PositionsAreEqual);
                json.WriteBoolean("sequencesEqual", statistics.SequencesAreEqual);
                json.WriteBoolean("timesEqual", statistics.TimesAreEqual);
                json.WriteNumber("packetsDropped", counters.ReceiveDropped);
                json.WriteNumber("packetsInvalid", statistics.InvalidPackets);
            });
        }
        else
        {
            lines.WriteLine($"copied {statistics.MessagesAppended} messages from {statistics.PacketsReceived} packets; "
                + $"{statistics.Losses} losses; {counters.ReceiveDropped} packets dropped by the kernel; "
                + $"{statistics.InvalidPackets} invalid; {Equality(statistics)}");
        }
    }

    private static string Equality(MulticastSubscriberStatistics statistics)
    {
        string[] different =
        [
            .. statistics.PositionsAreEqual ? [] : (string[])["positions"],
            .. statistics.SequencesAreEqual ? [] : (string[])["sequence numbers"],
            .. statistics.TimesAreEqual ? [] : (string[])["times"],
        ];
        return different.Length == 0
            ? "positions, sequence numbers and times are those of the source"
            : $"other {string.Join(" and ", different)} than in the source";
    }
}
