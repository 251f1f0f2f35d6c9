using Estream.Core;
using Estream.Testing;

namespace Estream.Wire.Tests;

/// <summary>Goal: a queue that is paused for several reasons accepts messages only when the last reason has ended.</summary>
public sealed class IngressControlTests
{
    private static readonly PauseReason[] s_reasons = Enum.GetValues<PauseReason>();

    [Fact]
    public void A_queue_resumes_only_after_the_last_reason_whatever_the_order()
    {
        PauseReason[][] orders = [.. OrdersOf(s_reasons)];
        Assert.Equal(120, orders.Length);
        foreach (PauseReason[] pauses in orders)
        {
            foreach (PauseReason[] resumes in orders)
            {
                IngressControl control = new();
                HashSet<PauseReason> model = [];
                foreach (PauseReason reason in pauses)
                {
                    control.Pause(reason, FailureOf(reason));
                    model.Add(reason);
                    Assert.Equal($"{model.Min()}", control.Failure?.Message);
                }

                foreach (PauseReason reason in resumes)
                {
                    control.Resume(reason);
                    model.Remove(reason);
                    Assert.Equal(model.Count == 0 ? null : $"{model.Min()}", control.Failure?.Message);
                }
            }
        }
    }

    [Fact]
    public void A_paused_queue_takes_no_message_until_its_last_reason_ends()
    {
        using IngressRig rig = new(null, TopicMapping.Json("t", Schemas.Get("Text"), "data"));
        rig.Sink.Control.Pause(PauseReason.Fenced, FailureOf(PauseReason.Fenced));
        rig.Sink.Control.Pause(PauseReason.Disk, FailureOf(PauseReason.Disk));
        Assert.Equal(IngressStatus.Blocked, rig.Append("t", """{"text":"a"}"""));

        // A retry of a waiting connection does not end a pause.
        rig.Sink.Retry();
        rig.Sink.Control.Resume(PauseReason.Disk);
        Assert.Equal(IngressStatus.Blocked, rig.Append("t", """{"text":"a"}"""));
        Assert.Equal("Fenced", rig.Sink.Failure?.Message);

        rig.Sink.Control.Resume(PauseReason.Fenced);
        Assert.Equal(IngressStatus.Stored, rig.Append("t", """{"text":"a"}"""));
        Assert.Null(rig.Sink.Failure);
    }

    [Fact]
    public void A_caller_of_the_process_ends_no_pause_of_the_host()
    {
        using IngressRig rig = new(null, TopicMapping.Json("t", Schemas.Get("Text"), "data"));
        rig.Sinks.Pause(FailureOf(PauseReason.Operator), static _ => true);
        rig.Sinks.Pause(PauseReason.Spool, FailureOf(PauseReason.Spool), static name => name == "data");
        rig.Sinks.Pause(null, static _ => true);

        Assert.Equal("Spool", rig.Sink.Failure?.Message);
        Assert.Null(rig.Sinks.DeadLetters.Failure);
    }

    [Fact]
    public void Asking_a_paused_queue_allocates_nothing()
    {
        IngressControl control = new();
        BlockedState blocked = new(control, SystemClock.Instance);
        control.Pause(PauseReason.Disk, FailureOf(PauseReason.Disk));

        Assert.Equal(0, AllocationMeter.OnThisThread(10_000, () => Assert.True(blocked.MustWait && blocked.Failure is not null)));
    }

    private static EstreamStorageException FailureOf(PauseReason reason) => new($"{reason}", null, StorageFailure.Other);

    private static IEnumerable<PauseReason[]> OrdersOf(PauseReason[] reasons) => reasons.Length == 0
        ? [[]]
        : reasons.SelectMany(
            first => OrdersOf([.. reasons.Where(other => other != first)]), (first, rest) => (PauseReason[])[first, .. rest]);
}
