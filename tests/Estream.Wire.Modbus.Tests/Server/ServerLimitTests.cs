using System.Net;
using System.Net.Sockets;
using Estream.Core;
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
    public async Task Connections_of_one_address_leave_room_for_other_addresses()
    {
        await using ServerRig rig = new(
            s_points, change: options => options with { MaxConnections = 8, MaxConnectionsPerAddress = 6, IdleSeconds = 0 });
        rig.Map.Put("level", "\"value\":5");
        List<TcpClient> all = [.. Enumerable.Range(0, 12).Select(_ => rig.Open())];
        int closed = 0;
        foreach (TcpClient one in all.Skip(6))
        {
            closed += await one.GetStream().ReadAsync(new byte[1]) == 0 ? 1 : 0;
        }

        Assert.Equal(6, closed);
        Assert.Contains(rig.Events, one => one.Detail.Contains("6 connections from 127.0.0.1 are open", StringComparison.Ordinal));
        Assert.True(await IsServedAsync(rig, "127.0.0.2"));
        all.ForEach(one => one.Dispose());
        Eventually.True(() => IsServedAsync(rig, "127.0.0.1").GetAwaiter().GetResult(), "the address is served again");
    }

    [Fact]
    public async Task Connections_without_a_request_are_limited_for_each_address()
    {
        await using ServerRig rig = new(
            s_points, change: options => options with { MaxConnections = 200, MaxConnectionsPerAddress = 200, IdleSeconds = 0 });
        rig.Map.Put("level", "\"value\":5");
        List<TcpClient> silent = [.. Enumerable.Range(0, 32).Select(_ => rig.Open())];
        Eventually.True(() => rig.Server.Statistics.Connections == 32, "all are open");
        using (TcpClient refused = rig.Open())
        {
            Assert.Equal(0, await refused.GetStream().ReadAsync(new byte[1]));
        }

        await silent[0].GetStream().WriteAsync(Convert.FromHexString("000100000006010300000001"));
        Assert.NotEqual(0, await silent[0].GetStream().ReadAsync(new byte[100]));
        Assert.True(await IsServedAsync(rig, "127.0.0.1"));
        silent.ForEach(one => one.Dispose());
    }

    [Fact]
    public async Task A_value_that_is_older_than_MaxAgeMs_is_not_served()
    {
        ModbusServedPoint[] points =
        [
            .. s_points,
            ServerRig.Point(new() { Name = "slow", Address = 1 }) with { MaxAgeMs = 0 },
            ServerRig.Point(new() { Name = "fast", Address = 2 }) with { MaxAgeMs = 600_000 },
        ];
        await using ServerRig rig = new(points, change: options => options with { MaxAgeMs = 3_600_000 });
        foreach (string name in (string[])["level", "slow", "fast"])
        {
            rig.Map.Put(name, "\"value\":5");
        }

        await using ModbusClient client = await rig.ConnectAsync();
        (int AgeSeconds, bool[] Served)[] cases = [(0, [true, true, true]), (1_200, [true, true, false]), (7_200, [false, true, false])];
        foreach ((int age, bool[] served) in cases)
        {
            rig.Map.StoredAt = SystemClock.Instance.UtcNanos - (age * 1_000_000_000L);
            for (ushort address = 0; address < served.Length; address++)
            {
                ModbusResult status = await client.ReadRegistersAsync(1, ModbusFunctionCode.ReadHoldingRegisters, address, new ushort[1]);
                Assert.Equal(
                    served[address] ? ModbusExceptionCode.None : ModbusExceptionCode.GatewayTargetFailedToRespond, status.Exception);
            }
        }
    }

    [Fact]
    public async Task A_master_reads_only_the_units_that_Peers_allows()
    {
        _authority.Write("server").Dispose();
        _authority.Write("client").Dispose();
        foreach ((string unit, ModbusExceptionCode expected) in (
            (string, ModbusExceptionCode)[])[("plant", ModbusExceptionCode.None), ("other", ModbusExceptionCode.GatewayPathUnavailable)])
        {
            await using ServerRig rig = new(s_points, change: options => options with
            {
                Tls = new WireServerTlsOptions
                {
                    CertificateFile = _authority.Combine("server.crt"), KeyFile = _authority.Combine("server.key"),
                    ClientCaFile = _authority.CaFile,
                },
                Units = [.. options.Units, new ModbusUnitOptions { Name = "other", Unit = 2, Points = s_points }],
                Peers = [new WirePeer("localhost") { Allowed = [unit] }],
            });
            rig.Map.Put("level", "\"value\":5");
            await using ModbusClient client = await rig.ConnectAsync(tls: new WireTlsOptions
            {
                CaFile = _authority.CaFile, CertificateFile = _authority.Combine("client.crt"),
                KeyFile = _authority.Combine("client.key"),
            });
            ModbusResult status = await client.ReadRegistersAsync(1, ModbusFunctionCode.ReadHoldingRegisters, 0, new ushort[1]);
            Assert.Equal(expected, status.Exception);
        }
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
            ("no client certificate is requested",
                () => new ServerRig(s_points, change: options => options with { Peers = [new WirePeer("scada.example")] })),
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

    private static async Task<bool> IsServedAsync(ServerRig rig, string from)
    {
        using TcpClient client = new(new IPEndPoint(IPAddress.Parse(from), 0));
        await client.ConnectAsync(IPAddress.Loopback, rig.Port);
        try
        {
            await client.GetStream().WriteAsync(Convert.FromHexString("000100000006010300000001"));
            return await client.GetStream().ReadAsync(new byte[100]) > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
