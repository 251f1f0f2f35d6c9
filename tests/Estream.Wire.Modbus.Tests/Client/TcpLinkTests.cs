using System.Net;
using System.Net.Sockets;
using Estream.Core;
using Estream.Wire.Modbus.Client;
using Estream.Wire.Modbus.Tests.Rig;

namespace Estream.Wire.Modbus.Tests.Client;

public sealed class TcpLinkTests
{
    /// <summary>A timer that has just fired can call Expire after the response has arrived and the exchange has been started
    /// again.</summary>
    [Fact]
    public async Task A_time_out_of_an_earlier_start_does_not_end_the_next_one()
    {
        TaskCompletionSource expired = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HostileServer server = new(async (request, number, send) =>
        {
            if (number == 1)
            {
                await expired.Task;
            }

            await send(HostileServer.Register(request, number));
        });
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, server.Port);
        await using TcpLink link = new(client.GetStream(), inFlight: 1);
        link.Open();
        using PooledExchange exchange = new(SystemClock.Instance)
        {
            Unit = 1, TimeoutMs = 600_000, Destination = new byte[ModbusLimits.MaxPduBytes],
        };
        exchange.RequestLength = ModbusRequest.Read(ModbusFunctionCode.ReadHoldingRegisters, 0, 1, exchange.RequestBuffer);

        Assert.Equal(ModbusStatus.Ok, (await exchange.StartAsync(link)).Status);
        ushort earlier = exchange.TransactionId;
        Task<ModbusResult> next = exchange.StartAsync(link).AsTask();
        link.Expire(exchange, earlier);
        expired.SetResult();

        Assert.Equal(ModbusStatus.Ok, (await next).Status);
    }
}
