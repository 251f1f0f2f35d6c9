using System.CommandLine;
using System.Globalization;
using Estream.Net.Multicast;

namespace Estream.Cli.Commands.Multicast;

/// <summary>The options of `estream multicast publish` that determine what is sent when: flow control, rate and error
/// correction.</summary>
internal sealed class PublisherOptions
{
    private const int MostReceivers = 1024;
    private const int MostFecData = 128;
    private const int MostFecParity = 32;

    private readonly Option<string> _flow = new("--flow-control")
    {
        Description = "Which subscribers set the pace. min: the slowest one. max: the fastest one; slower ones catch up from the queue. "
            + "tagged: the slowest one with the tag of --tag.",
        DefaultValueFactory = _ => "min",
    };

    private readonly Option<long> _tag = new("--tag") { Description = "The tag of --flow-control tagged.", HelpName = "N" };

    private readonly Option<int> _receivers = new("--receivers")
    {
        Description = "Send nothing before this number of subscribers has joined.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<int> _most = new("--max-receivers")
    {
        Description = "Refuse more subscribers than this.",
        HelpName = "N",
        DefaultValueFactory = _ => 64,
    };

    private readonly Option<long> _rate = new("--rate")
    {
        Description = "The maximum rate of new messages in bytes per second; 0 for no limit.",
        HelpName = "N",
    };

    private readonly Option<long> _repair = new("--retransmit-rate")
    {
        Description = "The largest number of bytes per second sent again for one subscriber, as for one that catches up.",
        HelpName = "N",
        DefaultValueFactory = _ => 64L << 20,
    };

    private readonly Option<bool> _congestion = new("--congestion-window")
    {
        Description = "Limit the data in flight as TCP does (CUBIC), for networks that are shared or far.",
    };

    private readonly Option<string?> _fec = new("--fec")
    {
        Description = "Forward error correction: after each DATA packets, send PARITY packets that restore as many lost ones. For example "
            + "10:2.",
        HelpName = "DATA:PARITY",
    };

    public PublisherOptions(Command command)
    {
        _flow.AcceptOnlyFromAmong("min", "max", "tagged");
        foreach (Option option in (Option[])[_flow, _tag, _receivers, _most, _rate, _repair, _congestion, _fec])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Reads the options.</summary>
    /// <exception cref="CliException">A value is out of range.</exception>
    public MulticastPublisherOptions Read(ParseResult parsed)
    {
        int most = (int)ChannelOptions.InRange("--max-receivers", parsed.GetValue(_most), 1, MostReceivers);
        (int data, int parity) = Fec(parsed.GetValue(_fec));
        return new MulticastPublisherOptions
        {
            FlowControl = Enum.Parse<MulticastFlowControl>(parsed.GetRequiredValue(_flow), ignoreCase: true),
            FlowControlTag = parsed.GetValue(_tag),
            MinimumReceivers = (int)ChannelOptions.InRange("--receivers", parsed.GetValue(_receivers), 1, most),
            MaxReceivers = most,
            MaxBytesPerSecond = ChannelOptions.InRange("--rate", parsed.GetValue(_rate), 0, long.MaxValue),
            RetransmitBytesPerSecond = ChannelOptions.InRange("--retransmit-rate", parsed.GetValue(_repair), 1, long.MaxValue),
            UseCongestionWindow = parsed.GetValue(_congestion),
            FecData = data,
            FecParity = parity,
        };
    }

    private static (int Data, int Parity) Fec(string? text)
    {
        if (text is null)
        {
            return (0, 0);
        }

        string[] parts = text.Split(':');
        return parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int data)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int parity)
            && data is >= 1 and <= MostFecData && parity is >= 1 and <= MostFecParity
            ? (data, parity)
            : throw new CliException($"--fec '{text}' is not valid. Give 1 to {MostFecData} data packets and 1 to {MostFecParity} parity "
                + "packets, for example 10:2.");
    }
}
