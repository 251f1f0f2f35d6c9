using System.CommandLine;
using System.Globalization;
using System.Net;
using Estream.Core;
using Estream.Net;
using Estream.Net.Multicast;

namespace Estream.Cli.Commands.Multicast;

/// <summary>The options that `estream multicast publish` and `subscribe` share: addresses, transport and key.</summary>
internal sealed class ChannelOptions
{
    private const int DefaultPort = 4711;
    private const int KeyBytes = 32;
    private const int MaxKeyFileBytes = 4096;

    private readonly Option<string?> _group = new("--group")
    {
        Description = "The multicast group, for example 239.1.2.3. Publisher and subscribers need the same one.",
        HelpName = "ADDRESS",
    };

    private readonly Option<string?> _unicast = new("--unicast")
    {
        Description = "Instead of --group: the unicast address of the publisher, which then sends each packet to each subscriber.",
        HelpName = "ADDRESS",
    };

    private readonly Option<int> _port = new("--port")
    {
        Description = "The UDP port of the group or of the publisher.",
        HelpName = "N",
        DefaultValueFactory = _ => DefaultPort,
    };

    private readonly Option<string?> _interface = new("--interface")
    {
        Description = "The network interface, for example eth0. Default: the interface of the route. AF_XDP needs one.",
        HelpName = "NAME",
    };

    private readonly Option<string> _transport = new("--transport")
    {
        Description = "af_xdp bypasses the network stack of the kernel. auto uses it where the machine allows it, and udp otherwise.",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<bool> _loopback = new("--loopback")
    {
        Description = "Also reach subscribers on this machine. Not with af_xdp; not needed with --interface lo.",
    };

    private readonly Option<int> _hops = new("--ttl")
    {
        Description = "The number of routers that a group packet may pass, plus one.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<int?> _cpu = new("--cpu")
    {
        Description = "The CPU that runs the command. Default: any.",
        HelpName = "N",
    };

    private readonly Option<bool> _busyPoll = new("--busy-poll")
    {
        Description = "Poll without waiting. Latency is lower, and one CPU is used fully.",
    };

    private readonly Option<long> _stream = new("--stream")
    {
        Description = "The stream id, which distinguishes queues that share a group.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<string?> _keyFile = new("--group-key-file")
    {
        Description = "The file with the key that publisher and subscribers share, 64 hexadecimal digits. Encrypts every packet "
            + "with AES-256-GCM. Only its owner may access the file.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _plaintext = new("--allow-plaintext")
    {
        Description = "Send plaintext packets to other machines. Anyone on the network can then read them, and forge packets that end up "
            + "in the copies.",
    };

    public ChannelOptions(Command command)
    {
        _transport.AcceptOnlyFromAmong("auto", "af_xdp", "udp");
        Option[] options =
            [_group, _unicast, _port, _interface, _transport, _loopback, _hops, _cpu, _busyPoll, _stream, _keyFile, _plaintext];
        foreach (Option option in options)
        {
            command.Options.Add(option);
        }
    }

    public MulticastChannelOptions Channel(ParseResult parsed)
    {
        (string? group, string? unicast) = (parsed.GetValue(_group), parsed.GetValue(_unicast));
        if (group is null == unicast is null)
        {
            throw new CliException("Give either --group or --unicast.");
        }

        _ = PacketTransportKinds.TryParse(parsed.GetValue(_transport), out PacketTransportKind kind);
        IPAddress address = group is null
            ? Address("--unicast", unicast!, isGroup: false, "the address of the publisher, for example 192.0.2.1")
            : Address("--group", group, isGroup: true, "224.0.0.0 to 239.255.255.255, or an address of ff00::/8");
        MulticastChannelOptions options = new()
        {
            EndPoint = new IPEndPoint(address, (int)InRange("--port", parsed.GetValue(_port), 1, IPEndPoint.MaxPort)),
            Transport = kind,
            Interface = parsed.GetValue(_interface),
            MulticastLoopback = parsed.GetValue(_loopback),
            MulticastTimeToLive = (int)InRange("--ttl", parsed.GetValue(_hops), 1, byte.MaxValue),
            Cpu = parsed.GetValue(_cpu) is { } cpu ? (int)InRange("--cpu", cpu, 0, CpuAffinity.MaxCpu) : null,
            BusyPoll = parsed.GetValue(_busyPoll),
        };
        bool isLocal = options.Interface == "lo" || IPAddress.IsLoopback(address);
        return isLocal || parsed.GetValue(_keyFile) is not null || parsed.GetValue(_plaintext)
            ? options
            : throw new CliException("Packets to other machines need a key: give --group-key-file, or --allow-plaintext on a network "
                + "where every machine is trusted.");
    }

    public uint Stream(ParseResult parsed) => (uint)InRange("--stream", parsed.GetValue(_stream), 0, uint.MaxValue);

    /// <summary>Reads the key of the group; empty if no key file is given.</summary>
    public ReadOnlyMemory<byte> Key(ParseResult parsed)
    {
        if (parsed.GetValue(_keyFile) is not { } path)
        {
            return default;
        }

        string text = SecretFile.ReadText(path, "key file", MaxKeyFileBytes).Trim();
        return text.Length == 2 * KeyBytes && text.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(text)
            : throw new CliException(
                $"The key file '{path}' has no key of {2 * KeyBytes} hexadecimal digits. Create one: (umask 077; openssl rand -hex "
                + $"{KeyBytes} > '{path}')");
    }

    /// <summary>Returns the value of a numeric option.</summary>
    /// <exception cref="CliException">It is out of range.</exception>
    public static long InRange(string option, long value, long least, long most) =>
        value >= least && value <= most
            ? value
            : throw new CliException(string.Create(CultureInfo.InvariantCulture, $"{option} takes {least} to {most}."));

    private static IPAddress Address(string option, string text, bool isGroup, string expected) =>
        IPAddress.TryParse(text, out IPAddress? address) && new PacketAddress(address, 0).IsMulticast == isGroup
            ? address
            : throw new CliException($"{option} '{text}' is not valid. Give {expected}.");
}
