using System.Net;

namespace Estream.Net.Tests;

public sealed class PacketTransportOptionsTests
{
    private static readonly PacketTransportOptions s_valid = new()
    {
        Transport = PacketTransportKind.Udp,
        LocalEndPoint = new IPEndPoint(IPAddress.Loopback, 0),
    };

    public static TheoryData<string, PacketTransportOptions> Invalid => new()
    {
        { nameof(PacketTransportOptions.FrameCount), s_valid with { FrameCount = 100 } },
        { nameof(PacketTransportOptions.FrameCount), s_valid with { FrameCount = 1 << 17 } },
        { nameof(PacketTransportOptions.FrameBytes), s_valid with { FrameBytes = 1024 } },
        { nameof(PacketTransportOptions.BatchSize), s_valid with { BatchSize = 0 } },
        { nameof(PacketTransportOptions.BatchSize), s_valid with { FrameCount = 64, BatchSize = 17 } },
        { nameof(PacketTransportOptions.QueueId), s_valid with { QueueId = -1 } },
        { nameof(PacketTransportOptions.MulticastTimeToLive), s_valid with { MulticastTimeToLive = 0 } },
        { nameof(PacketTransportOptions.MulticastGroups), s_valid with { MulticastGroups = [IPAddress.Loopback] } },
        { nameof(PacketTransportOptions.MulticastGroups), s_valid with { MulticastGroups = [IPAddress.Parse("ff02::1")] } },
        { nameof(PacketTransportOptions.RemoteEndPoint), s_valid with { RemoteEndPoint = new IPEndPoint(IPAddress.IPv6Loopback, 1) } },
        { nameof(PacketTransportOptions.Transport), s_valid with { Transport = PacketTransportKind.Memory } },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void An_option_out_of_range_is_refused_by_name(string name, PacketTransportOptions options)
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => PacketTransport.Open(options));
        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auto", PacketTransportKind.Auto)]
    [InlineData("udp", PacketTransportKind.Udp)]
    [InlineData("af_xdp", PacketTransportKind.AfXdp)]
    public void Kinds_have_the_texts_of_configurations(string text, PacketTransportKind kind)
    {
        Assert.True(PacketTransportKinds.TryParse(text, out PacketTransportKind parsed));
        Assert.Equal((kind, text), (parsed, kind.ToText()));
    }

    [Theory]
    [InlineData("AF_XDP")]
    [InlineData("memory")]
    [InlineData("")]
    [InlineData(null)]
    public void Other_texts_are_not_kinds(string? text) => Assert.False(PacketTransportKinds.TryParse(text, out _));

    [Theory]
    [InlineData("127.0.0.1:4711")]
    [InlineData("239.1.2.3:1")]
    [InlineData("[fe80::1%3]:65535")]
    [InlineData("[::1]:0")]
    public void Addresses_convert_to_end_points_and_back(string text)
    {
        IPEndPoint endPoint = IPEndPoint.Parse(text);
        PacketAddress address = new(endPoint);
        Assert.Equal(endPoint, address.ToEndPoint());
        Assert.Equal(text.StartsWith('['), !address.IsIPv4);
        Assert.Equal(text.StartsWith("239", StringComparison.Ordinal), address.IsMulticast);
    }
}
