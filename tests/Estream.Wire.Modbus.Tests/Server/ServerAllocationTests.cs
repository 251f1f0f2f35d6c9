using System.Net.Sockets;
using Estream.Testing;
using Estream.Wire.Modbus.Tests.Polling;

namespace Estream.Wire.Modbus.Tests.Server;

/// <summary>Goal: the server allocates nothing for a read or a write of a master, from the socket to the response. Runs alone, because it
/// counts the allocations of all threads.</summary>
[Collection(PollAllocationTests.Alone)]
public sealed class ServerAllocationTests
{
    private const int WarmUpRequests = 500;
    private const int RequestsPerWindow = 50;
    private const int SmallestObjectBytes = 24;
    private const int Allocating = RequestsPerWindow * SmallestObjectBytes;

    private static readonly byte[] s_read = [0, 1, 0, 0, 0, 6, 1, 4, 0, 2, 0, 1];
    private static readonly byte[] s_write = [0, 1, 0, 0, 0, 6, 1, 6, 0, 0, 0, 7];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_allocates_nothing(bool isWrite)
    {
        await using ServerRig rig = new(
        [
            ServerRig.Point(new ModbusPointOptions { Name = "level", Table = ModbusTable.InputRegisters, Address = 2 }),
            ServerRig.Point(new ModbusPointOptions { Name = "setpoint", Address = 0, IsWritable = true }),
        ]);
        rig.Map.Put("level", "\"value\":21");
        using TcpClient master = rig.Open();
        byte[] request = isWrite ? s_write : s_read;
        byte[] response = new byte[isWrite ? 12 : 11];
        Send(master.Client, request, response, WarmUpRequests);

        // The adapter and the test host have threads that allocate a few objects in some windows. A request that allocates would allocate
        // at least the smallest object in each of its runs.
        long least = AllocationMeter.LeastOnAllThreads(Allocating, () => Send(master.Client, request, response, RequestsPerWindow));

        Assert.Equal(isWrite ? s_write : [0, 1, 0, 0, 0, 5, 1, 4, 2, 0, 21], response);
        Assert.InRange(least, 0, Allocating - 1);
    }

    private static void Send(Socket master, byte[] request, byte[] response, int requests)
    {
        for (int sent = 0; sent < requests; sent++)
        {
            master.Send(request);
            for (int received = 0; received < response.Length;)
            {
                int count = master.Receive(response.AsSpan(received));
                received += count > 0 ? count : throw new EndOfStreamException();
            }
        }
    }
}
