using Estream.Core;
using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.TestProcess.Patterns;
using Estream.Testing;

namespace Estream.Streams.Tests.Patterns;

/// <summary>Moderated items become visible when they are approved, in the order of the approvals, each once. Nothing else becomes
/// visible.</summary>
public sealed class ModeratedTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly EstreamQueue _proposals;
    private readonly EstreamQueue _curated;

    public ModeratedTests()
    {
        _proposals = EstreamQueue.Open(ModeratedProgram.ProposalsOf(_directory.Path), ModeratedProgram.Options);
        _curated = EstreamQueue.Open(ModeratedProgram.CuratedOf(_directory.Path), ModeratedProgram.Options);
    }

    public void Dispose()
    {
        _curated.Dispose();
        _proposals.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Invalid_arguments_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new EsfApprover<IoTTelemetry.View>(_proposals, _proposals, "a"));
        Assert.ThrowsAny<ArgumentException>(() => new EsfApprover<IoTTelemetry.View>(_proposals, _curated, ""));
        Assert.ThrowsAny<ArgumentException>(() => new EsfApprover<IoTTelemetry.View>(_proposals, _curated, new string('a', 65)));
        using EsfApprover<IoTTelemetry.View> approver = Approver();
        Assert.Throws<EstreamLeaseException>(Approver);
        long position = Propose(1)[0];
        Assert.Throws<ArgumentException>(() => approver.Approve(position + 8));
        Assert.Throws<ArgumentException>(() => approver.Approve(-1));
        Assert.Throws<ArgumentException>(() => approver.Reject(position, new string('a', 1_025)));
        using QueueAppender appender = _proposals.CreateAppender();
        long stranger = appender.Append("no proposal"u8);
        Assert.Throws<ArgumentException>(() => approver.Approve(stranger));
        Assert.Equal(0, approver.Decisions);
        Assert.Empty(Seen());
    }

    [Fact]
    public void Readers_see_approved_items_in_order_of_approval()
    {
        long[] positions = Propose(1, 2, 3, 4);
        using EsfApprover<IoTTelemetry.View> approver = Approver();
        Assert.Empty(Seen());
        Assert.True(approver.Approve(positions[2]));
        Assert.True(approver.Reject(positions[1], "no"));
        Assert.True(approver.Approve(positions[0]));
        Assert.Equal([3, 1], Seen());
        Assert.True(approver.TryRead(out EsfMessage<IoTTelemetry.View> waiting));
        Assert.Equal((4, positions[3]), (waiting.View.Value, waiting.Position));
        Assert.False(approver.TryRead(out _));
    }

    [Fact]
    public void Item_contains_the_unchanged_proposal_and_its_approver()
    {
        long[] positions = Propose(21);
        using EsfApprover<IoTTelemetry.View> approver = Approver();
        Assert.True(approver.Approve(positions[0]));
        using QueueTailer proposals = _proposals.CreateTailer();
        Assert.True(proposals.TryRead(out QueueMessage proposal));
        using QueueTailer tailer = _curated.CreateTailer();
        Assert.True(new EsfModeratedTailer<IoTTelemetry.View>(tailer).TryRead(out EsfModerated<IoTTelemetry.View> item));
        Assert.Equal(proposal.Payload, item.View.Bytes);
        Assert.Equal("approver"u8, item.Approver);
        Assert.Equal(positions[0], item.Proposal);
        Assert.InRange(item.Time, proposal.Time, long.MaxValue);
    }

    [Fact]
    public void A_proposal_is_decided_once()
    {
        long[] positions = Propose(1, 2);
        using (EsfApprover<IoTTelemetry.View> first = Approver())
        {
            Assert.True(first.Approve(positions[0]));
            Assert.False(first.Approve(positions[0]));
            Assert.True(first.Reject(positions[1]));
        }

        using EsfApprover<IoTTelemetry.View> second = Approver();
        Assert.Equal(2, second.Decisions);
        Assert.False(second.Approve(positions[0]));
        Assert.False(second.Reject(positions[0]));
        Assert.False(second.Approve(positions[1]));
        Assert.False(second.TryRead(out _));
        Assert.Equal([1], Seen());
    }

    [Fact]
    public void Items_without_an_approval_are_not_read()
    {
        AppendWithoutApproval(7);
        long[] positions = Propose(1);
        using EsfApprover<IoTTelemetry.View> approver = Approver();
        approver.Approve(positions[0]);
        Assert.Equal([1], Seen());
    }

    /// <summary>An approval is a separate kind of message that contains the item: a plain tailer of the curated queue sees no items,
    /// approved or not, unless a program bypasses the approver.</summary>
    [Fact]
    public void A_plain_tailer_of_a_moderated_queue_reads_no_item()
    {
        long[] positions = Propose(1, 2, 3);
        using (EsfApprover<IoTTelemetry.View> approver = Approver())
        {
            Assert.True(approver.Approve(positions[0]));
            Assert.True(approver.Reject(positions[1], "no"));
        }

        using QueueTailer tailer = _curated.CreateTailer();
        var plain = new EsfTailer<IoTTelemetry.View>(tailer);
        Assert.False(plain.TryRead(out _));
        Assert.Equal(2, plain.Passed);
        using StateMap<long, double> newest = StateMap.CreateInMemory<long, double>();
        using EsfPipeline pipeline = EsfStream.From<IoTTelemetry.View>(_curated)
            .Materialize("plain", newest, (scoped in IoTTelemetry.View _) => 0L, (scoped in IoTTelemetry.View reading) => reading.Value);
        Assert.Equal(2, pipeline.RunToEnd());
        Assert.Equal((2, 0), (pipeline.Passed, newest.Count));

        AppendWithoutApproval(7);
        Assert.True(plain.TryRead(out EsfMessage<IoTTelemetry.View> stranger));
        Assert.Equal(7, stranger.View.Value);
        Assert.Equal([1], Seen());
    }

    [Fact]
    public void Decisions_are_never_reclaimed()
    {
        Propose(1);
        using (EsfApprover<IoTTelemetry.View> approver = Approver())
        {
            approver.TryRead(out EsfMessage<IoTTelemetry.View> proposal);
            approver.Approve(proposal.Position);
        }

        string place = _curated.Directory;
        _curated.Dispose();
        using EstreamQueue limited = EstreamQueue.Open(place, new QueueOptions { RetainedBytes = 1 << 20 });
        using (QueueAppender appender = limited.CreateAppender())
        {
            for (int i = 0; i < 100; i++)
            {
                appender.Append(new byte[100_000]);
            }
        }

        Assert.Equal(0, limited.GetInfo().FirstSequence);
    }

    [Fact]
    public void After_crashes_each_approved_item_is_seen_once_and_no_other()
    {
        const int ItemsAtOnce = 20_000;
        string program = BuiltProgram.Find("tests/Estream.Streams.TestProcess", "Estream.Streams.TestProcess.dll");
        var random = new Random(3);
        KillRounds rounds = new(LongRun.Count(8, 100), atWork: 1);
        int items = 0;
        bool isLeft = false;
        while (!rounds.AreOver)
        {
            if (!isLeft)
            {
                Propose([.. Enumerable.Range(items, ItemsAtOnce).Select(i => (double)i)]);
                items += ItemsAtOnce;
            }

            using ChildProcess child = ChildProcess.StartDotnet(program, ["curated", _directory.Path]);
            child.WaitForText("running");
            Thread.Sleep(random.Next(4));
            child.Kill();
            isLeft = !child.WaitForExit().Output.Contains("done", StringComparison.Ordinal);
            rounds.Add(isLeft);
            Assert.All(Seen(), value => Assert.True(ModeratedProgram.IsGood(value)));
        }

        using (EsfApprover<IoTTelemetry.View> approver = Approver())
        {
            ModeratedProgram.DecideAll(approver);
            Assert.Equal(items, approver.Decisions);
        }

        Assert.Equal(Enumerable.Range(0, items / 2).Select(i => i * 2.0), Seen().Order());
    }

    private void AppendWithoutApproval(double value)
    {
        using QueueAppender appender = _curated.CreateAppender();
        using EsfClaim<IoTTelemetry.Writer> claim = new EsfAppender<IoTTelemetry.Writer>(appender).Claim(200);
        IoTTelemetry.Writer writer = claim.Begin();
        writer.DeviceId = "a"u8;
        writer.MetricName = "n"u8;
        writer.Value = value;
        claim.Commit(writer);
    }

    private EsfApprover<IoTTelemetry.View> Approver() => new(_proposals, _curated, "approver");

    private long[] Propose(params double[] values)
    {
        using QueueAppender appender = _proposals.CreateAppender();
        var proposals = new EsfAppender<IoTTelemetry.Writer>(appender);
        return [.. values.Select(value =>
        {
            using EsfClaim<IoTTelemetry.Writer> claim = proposals.Claim(200);
            IoTTelemetry.Writer writer = claim.Begin();
            writer.DeviceId = "pump-7"u8;
            writer.MetricName = "n"u8;
            writer.Value = value;
            claim.Commit(writer);
            return claim.Position;
        })];
    }

    private List<double> Seen()
    {
        List<double> seen = [];
        using QueueTailer tailer = _curated.CreateTailer();
        var items = new EsfModeratedTailer<IoTTelemetry.View>(tailer);
        while (items.TryRead(out EsfModerated<IoTTelemetry.View> item))
        {
            seen.Add(item.View.Value);
        }

        return seen;
    }
}
