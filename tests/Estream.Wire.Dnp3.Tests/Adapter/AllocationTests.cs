using Estream.Testing;
using Estream.Wire.Dnp3.Tests.Rig;

namespace Estream.Wire.Dnp3.Tests.Adapter;

/// <summary>Goal: an event allocates nothing in the master, from the socket to the queue and the confirmation. The simulated outstation is
/// in the same process and allocates, so a raw peer sends recorded octets. Runs alone, because it counts the allocations of all
/// threads.</summary>
[Collection(Alone)]
public sealed class AllocationTests
{
    private const string Alone = "Allocations of all threads";
    private const int WarmUp = 500;
    private const int PerWindow = 100;
    private const int SmallestObjectBytes = 24;
    private const int Allocating = PerWindow * SmallestObjectBytes;

    [Fact]
    public async Task An_unsolicited_response_is_stored_and_confirmed_without_an_allocation()
    {
        using RawOutstation peer = new();
        await using MasterRig rig = new([Devices.Device(peer.Port) with { Unsolicited = Dnp3Classes.None, TimeSync = Dnp3TimeSync.None }]);
        peer.Connect();
        peer.AnswerStartUp();
        peer.SendEvents(WarmUp);

        long least = AllocationMeter.LeastOnAllThreads(Allocating, () => peer.SendEvents(PerWindow));

        Assert.InRange(least, 0, Allocating - 1);
        Assert.True(rig.Messages().Count >= WarmUp + PerWindow, "each event is stored");
        Assert.Empty(rig.Letters());
    }

    [CollectionDefinition(Alone, DisableParallelization = true)]
    public sealed class AloneCollection;
}
