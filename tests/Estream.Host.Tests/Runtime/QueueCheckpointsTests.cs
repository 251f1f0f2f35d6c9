using Estream.Host.Runtime;

namespace Estream.Host.Tests.Runtime;

public sealed class QueueCheckpointsTests
{
    [Fact]
    public void TryFind_returns_false_without_checkpoints()
    {
        Assert.False(new QueueCheckpoints().TryFind(0, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_000)]
    [InlineData(123_456_789)]
    public void TryFind_returns_a_checkpoint_within_a_stride_of_a_recent_message(long first)
    {
        QueueCheckpoints marks = new();
        long next = first + 20_000;
        for (long sequence = first; sequence < next; sequence++)
        {
            marks.Offer(sequence, sequence * 100);
        }

        for (long wanted = next - 1; wanted >= next - 1000; wanted--)
        {
            Assert.True(marks.TryFind(wanted, out long position));
            Assert.InRange(wanted - (position / 100), 0, QueueCheckpoints.Stride - 1);
        }
    }

    [Fact]
    public void TryFind_returns_the_oldest_checkpoint_for_an_older_message()
    {
        QueueCheckpoints marks = new();
        for (long sequence = 0; sequence < 100_000; sequence++)
        {
            marks.Offer(sequence, sequence);
        }

        Assert.True(marks.TryFind(5, out long position));
        Assert.Equal(99_968 - ((QueueCheckpoints.Count - 1) * QueueCheckpoints.Stride), position);
    }

    [Fact]
    public void The_first_message_gets_a_checkpoint_even_between_strides()
    {
        QueueCheckpoints marks = new();
        marks.Offer(5, 555);

        Assert.True(marks.TryFind(5, out long position));
        Assert.Equal(555, position);
    }
}
