using System.Net.Sockets;
using Estream.Testing;
using Estream.Wire.Fix;

namespace Estream.Fuzz.Fix;

/// <summary>Not in parallel with other tests, because the allocations of the whole process are counted.</summary>
[CollectionDefinition(nameof(FixGiantLengthsFuzz), DisableParallelization = true)]
public class FixGiantLengthsFuzzAlone;

/// <summary>Counterparties that announce far more bytes than they send.</summary>
[Collection(nameof(FixGiantLengthsFuzz))]
public class FixGiantLengthsFuzz
{
    [Fact]
    public async Task Giant_FIX_lengths_allocate_no_memory_and_end_their_connection()
    {
        await using FuzzAcceptor acceptor = new(new FixAcceptorOptions());
        acceptor.RequireService();
        const int Count = 100;
        string[] giants = ["9=99999999", "9=2147483647", "9=99999999999999999999", "9=0000000000000000000000000000008000000"];

        long allocated = await AllocationMeter.OnAllThreadsAsync(() => Task.Run(() =>
        {
            for (int number = 0; number < Count; number++)
            {
                using Socket socket = acceptor.Open();
                socket.Send(System.Text.Encoding.ASCII.GetBytes($"8=FIX.4.4\u0001{giants[number % giants.Length]}\u000135=A\u0001"));
                FuzzAcceptor.WaitUntilCutOff(socket);
            }
        }));

        acceptor.RequireService();
        Assert.Empty(acceptor.Mistakes);
        Assert.True(allocated < Count * 300_000L, $"{allocated / Count} bytes for each connection that announced a giant length");
    }
}
