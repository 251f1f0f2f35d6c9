using Estream.Testing;
using Estream.Wire.Modbus.Tests.Rig;

namespace Estream.Wire.Modbus.Tests.Client;

/// <summary>A server that answers late, twice or wrongly never makes the client return a wrong value.</summary>
public sealed class HostileServerTests
{
    private static Task<ModbusClient> ConnectAsync(HostileServer server, int timeoutMs, int inFlight = 1) =>
        ModbusClient.ConnectAsync(new ModbusClientOptions
        {
            Port = server.Port, TimeoutMs = timeoutMs, ConnectTimeoutMs = 60_000, InFlight = inFlight,
        });

    private static async Task<(ModbusResult Result, int Value)> ReadAsync(ModbusClient client, int address)
    {
        ushort[] one = new ushort[1];
        ModbusResult result = await client.ReadRegistersAsync(1, ModbusFunctionCode.ReadHoldingRegisters, (ushort)address, one);
        return (result, one[0]);
    }

    /// <summary>Reads until a response arrives in time. On a slow machine, a response that the server sends at once can be late
    /// too.</summary>
    private static async Task<(ModbusResult Result, int Value)> ReadInTimeAsync(ModbusClient client, int address)
    {
        (ModbusResult Result, int Value) read = await ReadAsync(client, address);
        for (int again = 0; read.Result.Status == ModbusStatus.Timeout && again < 100; again++)
        {
            read = await ReadAsync(client, address);
        }

        return read;
    }

    [Fact]
    public async Task A_late_response_is_dropped_and_never_taken_for_the_next()
    {
        byte[]? late = null;
        await using HostileServer server = new(async (request, number, send) =>
        {
            int address = (request[8] << 8) | request[9];
            if (number == 0)
            {
                late = HostileServer.Register(request, address);
                return;
            }

            // The response to the first request arrives just before that to the second.
            byte[] own = HostileServer.Register(request, address);
            await send(late is null ? own : [.. late, .. own]);
            late = null;
        });
        await using ModbusClient client = await ConnectAsync(server, timeoutMs: 300);

        Assert.Equal(ModbusStatus.Timeout, (await ReadAsync(client, 111)).Result.Status);
        for (int address = 1; address <= 20; address++)
        {
            (ModbusResult result, int value) = await ReadInTimeAsync(client, address);
            Assert.True(result.IsOk, result.Describe());
            Assert.Equal(address, value);
        }

        Assert.True(client.LateResponses >= 1, "the late response is counted");
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task A_device_that_is_always_one_response_behind_never_gives_a_wrong_value()
    {
        byte[]? previous = null;
        await using HostileServer server = new(async (request, number, send) =>
        {
            if (previous is { } late)
            {
                await send(late);
            }

            previous = HostileServer.Register(request, (request[8] << 8) | request[9]);
        });
        await using ModbusClient client = await ConnectAsync(server, timeoutMs: 100);

        for (int address = 1; address <= 10; address++)
        {
            Assert.Equal(ModbusStatus.Timeout, (await ReadAsync(client, address)).Result.Status);
        }

        Eventually.True(() => client.LateResponses == 9, "nine late responses are counted");
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task Responses_in_reverse_order_reach_their_requests()
    {
        List<byte[]> waiting = [];
        await using HostileServer server = new(async (request, _, send) =>
        {
            waiting.Add(HostileServer.Register(request, (request[8] << 8) | request[9]));
            if (waiting.Count == 4)
            {
                waiting.Reverse();
                await send([.. waiting.SelectMany(response => response)]);
                waiting.Clear();
            }
        });
        await using ModbusClient client = await ConnectAsync(server, timeoutMs: 30_000, inFlight: 4);

        (ModbusResult Result, int Value)[] all =
            await Task.WhenAll(Enumerable.Range(40, 4).Select(address => ReadAsync(client, address)));

        Assert.Equal([40, 41, 42, 43], all.Select(one => one.Value));
    }

    [Fact]
    public async Task A_second_response_to_the_same_request_is_dropped()
    {
        await using HostileServer server = new(async (request, _, send) =>
        {
            byte[] response = HostileServer.Register(request, (request[8] << 8) | request[9]);
            await send([.. response, .. response]);
        });
        await using ModbusClient client = await ConnectAsync(server, timeoutMs: 30_000);

        for (int address = 1; address <= 10; address++)
        {
            Assert.Equal(address, (await ReadAsync(client, address)).Value);
        }

        Eventually.True(() => client.LateResponses == 10, "ten second responses are counted");
    }

    [Theory]
    [InlineData(6, 9)]
    [InlineData(7, 4)]
    [InlineData(8, 4)]
    public async Task A_response_with_another_unit_function_or_length_is_invalid(int place, byte value)
    {
        await using HostileServer server = new(async (request, _, send) =>
        {
            byte[] response = HostileServer.Register(request, 1);
            response[place] = value;
            await send(response);
        });
        await using ModbusClient client = await ConnectAsync(server, timeoutMs: 30_000);

        Assert.Equal(ModbusStatus.InvalidResponse, (await ReadAsync(client, 1)).Result.Status);
        Assert.Equal(1, client.InvalidResponses);
    }

    [Fact]
    public async Task Bytes_that_are_not_Modbus_end_the_connection_and_all_requests()
    {
        await using HostileServer server = new(async (request, _, send) => await send("HTTP/1.1 400 Bad Request\r\n"u8.ToArray()));
        await using ModbusClient client = await ConnectAsync(server, timeoutMs: 30_000);

        Assert.Equal(ModbusStatus.NotConnected, (await ReadAsync(client, 1)).Result.Status);
        Assert.Equal(ModbusStatus.NotConnected, (await ReadAsync(client, 1)).Result.Status);
    }

    [Fact]
    public async Task A_response_in_single_bytes_is_read()
    {
        await using HostileServer server = new(async (request, _, send) =>
        {
            foreach (byte one in HostileServer.Register(request, 7))
            {
                await send([one]);
            }
        });
        await using ModbusClient client = await ConnectAsync(server, timeoutMs: 30_000);

        Assert.Equal(7, (await ReadAsync(client, 1)).Value);
    }
}
