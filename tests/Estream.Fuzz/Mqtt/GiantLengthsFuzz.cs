using System.Net.Sockets;
using Estream.Testing;
using Estream.Wire.Mqtt;

namespace Estream.Fuzz.Mqtt;

/// <summary>Not in parallel with other tests, because the allocations of the whole process are counted.</summary>
[CollectionDefinition(nameof(GiantLengthsFuzz), DisableParallelization = true)]
public class GiantLengthsFuzzAlone;

/// <summary>Peers that announce far more bytes than they send.</summary>
[Collection(nameof(GiantLengthsFuzz))]
public class GiantLengthsFuzz
{
    [Fact]
    public async Task Giant_MQTT_lengths_allocate_no_memory()
    {
        await using FuzzEndpoint endpoint = new(new MqttEndpointOptions { MaxPacketBytes = 64 * 1024 * 1024 });
        endpoint.RequireService();
        List<Socket> sockets = [];
        const int Count = 100;

        long allocated = await AllocationMeter.OnAllThreadsAsync(() => Task.Run(() =>
        {
            for (int number = 0; number < Count; number++)
            {
                Socket socket = endpoint.Open();
                sockets.Add(socket);
                socket.Send([.. MqttSeeds.ConnectAs($"giant-{number}"), 0xC0, 0x00, 0x30, 0xFF, 0xFF, 0xFF, 0x1E, 0x00, 0x03, 0x61]);
            }

            // The endpoint sends the PINGRESP after it has processed these bytes, so it has seen the announced length.
            sockets.ForEach(WaitForPingResponse);
        }));

        endpoint.RequireService();
        sockets.ForEach(socket => socket.Dispose());
        Assert.True(allocated < Count * 300_000L, $"{allocated / Count} bytes for each connection that announced 64 MB");
    }

    private static void WaitForPingResponse(Socket socket)
    {
        byte[] answer = new byte[256];
        int length = 0;
        while (!answer.AsSpan(0, length).EndsWith(new byte[] { 0xD0, 0x00 }))
        {
            int count = socket.Receive(answer, length, answer.Length - length, SocketFlags.None);
            Assert.NotEqual(0, count);
            length += count;
        }
    }
}
