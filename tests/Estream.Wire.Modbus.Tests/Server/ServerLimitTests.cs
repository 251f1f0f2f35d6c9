using System.Net;
using System.Net.Sockets;
using Estream.Testing;

namespace Estream.Wire.Modbus.Tests.Server;

/// <summary>Masters that are silent, slow, too many, unknown or not masters do not hold resources.</summary>
public sealed class ServerLimitTests : IDisposable
{
    private static readonly ModbusServedPoint[] s_points = [ServerRig.Point(new() { Name = "level", Address = 0 })];

    private readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData("0001")]
    [InlineData("00010000000601030000")]
    public async Task A_master_that_does_not_finish_a_request_is_disconnected(string start)
    {
        await using ServerRig rig = new(s_points, change: options => options with { RequestSeconds = 1 });
        using TcpClient client = rig.Open();
        await client.GetStream().WriteAsync(Convert.FromHexString(start));
        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1]));
        Assert.Contains(rig.Events, one => one.Kind == AdapterEventKind.ProtocolViolation);
    }

    [Fact]
    public async Task A_silent_master_is_disconnected()
    {
        await using ServerRig rig = new(s_points, change: options => options with { IdleSeconds = 1 });
        using TcpClient client = rig.Open();
        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1]));
    }

    [Theory]
    [InlineData("474554202F20485454502F312E310D0A0D0A")]
    [InlineData("000100000001010300000001")]
    [InlineData("0001000000FF0103")]
    public async Task A_peer_that_does_not_speak_Modbus_is_disconnected(string bytes)
    {
        await using ServerRig rig = new(s_points);
        using TcpClient client = rig.Open();
        await client.GetStream().WriteAsync(Convert.FromHexString(bytes));
        try
        {
            Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1]));
        }
        catch (IOException)
        {
            // Reset, because the server has not read everything: also disconnected.
        }

        Eventually.True(() => rig.Events.Any(one => one.Detail.Contains("does not speak", StringComparison.Ordinal)), "it is reported");
    }

    [Fact]
    public async Task A_connection_beyond_the_limit_is_closed_and_the_others_are_served()
    {
        await using ServerRig rig = new(s_points, change: options => options with { MaxConnections = 1 });
        rig.Map.Put("level", "\"value\":5");
        await using ModbusClient first = await rig.ConnectAsync();
        Assert.True((await first.ReadRegistersAsync(1, ModbusFunctionCode.ReadHoldingRegisters, 0, new ushort[1])).IsOk);
        using TcpClient second = rig.Open();
        Assert.Equal(0, await second.GetStream().ReadAsync(new byte[1]));
        Assert.True((await first.ReadRegistersAsync(1, ModbusFunctionCode.ReadHoldingRegisters, 0, new ushort[1])).IsOk);
    }

    [Fact]
    public async Task Over_TLS_only_masters_with_an_accepted_certificate_are_served()
    {
        _authority.Write("server").Dispose();
        _authority.Write("client").Dispose();
        await using ServerRig rig = new(s_points, change: options => options with
        {
            Tls = new WireServerTlsOptions
            {
                CertificateFile = _authority.Combine("server.crt"), KeyFile = _authority.Combine("server.key"),
                ClientCaFile = _authority.CaFile,
            },
        });
        rig.Map.Put("level", "\"value\":5");
        WireTlsOptions known = new()
        {
            CaFile = _authority.CaFile, CertificateFile = _authority.Combine("client.crt"), KeyFile = _authority.Combine("client.key"),
        };
        await using ModbusClient client = await rig.ConnectAsync(tls: known);
        Assert.True((await client.ReadRegistersAsync(1, ModbusFunctionCode.ReadHoldingRegisters, 0, new ushort[1])).IsOk);

        bool isServed = false;
        try
        {
            await using ModbusClient stranger = await rig.ConnectAsync(2_000, new WireTlsOptions { CaFile = _authority.CaFile });
            isServed = (await stranger.ReadRegistersAsync(1, ModbusFunctionCode.ReadHoldingRegisters, 0, new ushort[1])).IsOk;
        }
        catch (WireConnectionException)
        {
            // Refused in the handshake.
        }

        Assert.False(isServed);
    }

    [Fact]
    public void Options_that_cannot_work_are_refused()
    {
        ModbusServedPoint other = ServerRig.Point(new() { Name = "other", Address = 0 });
        ModbusServedPoint input = ServerRig.Point(new() { Name = "i", Table = ModbusTable.InputRegisters, Address = 1, IsWritable = true });
        (string Expected, Func<ServerRig> Start)[] cases =
        [
            ("has no login", () => new ServerRig(s_points, change: options => options with { Address = IPAddress.Any })),
            ("at the same address", () => new ServerRig([.. s_points, other])),
            ("can only be read", () => new ServerRig([input])),
            ("no mapping stores", () => new ServerRig(
                [ServerRig.Point(new() { Name = "w", Address = 1, IsWritable = true })], takesWrites: false)),
            ("neither read nor write", () => new ServerRig(s_points, takesWrites: false, options => options with { Map = null })),
            ("without points", () => new ServerRig([])),
            ("with the same Unit", () => new ServerRig(
                s_points, change: options => options with { Units = [options.Units[0], options.Units[0] with { Name = "x" }] })),
        ];
        Assert.All(cases, one =>
            Assert.Contains(one.Expected, Assert.Throws<WireConfigurationException>(one.Start).Message, StringComparison.Ordinal));
    }
}
