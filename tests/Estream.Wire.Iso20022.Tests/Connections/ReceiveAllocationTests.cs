using Estream.Testing;
using Estream.Testing.Frames;

namespace Estream.Wire.Iso20022.Tests.Connections;

/// <summary>The receive path of a listener, from the bytes of a frame to its answer, allocates nothing for valid messages.</summary>
public sealed class ReceiveAllocationTests
{
    [Theory]
    [InlineData(Iso20022Answers.Messages)]
    [InlineData(Iso20022Answers.Frames)]
    public void Stored_payment_and_its_answer_allocate_nothing(Iso20022Answers answers)
    {
        using FrameHandlerRig rig = new(answers);
        byte[] frame = FramePeer.Frame(Payment.Transfer("M-1"));
        long allocated = AllocationMeter.OnThisThread(200, () => Assert.True(rig.TryReceive(frame) > 0));
        Assert.Equal(0, allocated);
        Assert.True(rig.Stored >= 200);
    }
}
