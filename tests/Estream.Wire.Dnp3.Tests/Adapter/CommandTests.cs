using Estream.Testing;
using Estream.Wire.Dnp3.Commands;
using Estream.Wire.Dnp3.Tests.Rig;

namespace Estream.Wire.Dnp3.Tests.Adapter;

/// <summary>Commands: select before operate, direct operate, refusals, and unknown outcomes.</summary>
public sealed class CommandTests
{
    private const string Close = """{"device_id":"rtu","point":"breaker","operation":"Close","requested_at":NOW}""";

    [Theory]
    [InlineData("""{"device_id":"rtu","point":"flow","value":1,"requested_at":NOW}""", "no writable point 'flow'")]
    [InlineData("""{"device_id":"rtu","point":"breaker","value":1,"requested_at":NOW}""", "does not fit point 'breaker'")]
    [InlineData("""{"device_id":"rtu","point":"breaker","requested_at":NOW}""", "does not fit point 'breaker'")]
    [InlineData("""{"device_id":"rtu","point":"setpoint","value":1e10,"requested_at":NOW}""", "does not fit point 'setpoint'")]
    [InlineData("""{"device_id":"rtu","point":"setpoint","value":1,"signed":1,"requested_at":NOW}""", "does not fit")]
    [InlineData("""{"device_id":"rtu","point":"breaker","operation":"Close","requested_at":1}""", "has expired")]
    [InlineData("""{"device_id":"rtu","point":"breaker","operation":"Close","requested_at":4000000000000000000}""", "has expired")]
    public async Task A_command_that_does_not_fit_or_is_too_old_is_refused_and_not_sent(string json, string reason)
    {
        await using Dnp3Outstation outstation = Devices.Outstation();
        await using MasterRig rig = new([Devices.Device(outstation)]);
        rig.AwaitHealthy();

        EmitStatus status = await rig.SendAsync(json);

        Assert.Equal(EmitCode.Refused, status.Code);
        Assert.Contains(reason, status.Detail, StringComparison.Ordinal);
        Assert.Equal(0, outstation.Performed);
    }

    [Fact]
    public async Task A_command_is_deferred_while_there_is_no_connection()
    {
        await using MasterRig rig = new([Devices.Device(FreePort.Next())]);
        Eventually.True(() => rig.Events.Any(one => one.Kind == AdapterEventKind.ConnectionFailed), "the master tries to connect");

        Assert.Equal(EmitCode.NotConnected, (await rig.SendAsync(Close)).Code);
    }

    [Theory]
    [InlineData(Close, Dnp3PointKind.BinaryOutput, 0, 1, "\"operation\":\"Close\"", true)]
    [InlineData("""{"device_id":"rtu","point":"direct","operation":"LatchOn","requested_at":NOW}""", Dnp3PointKind.BinaryOutput, 1, 1,
        "\"operation\":\"LatchOn\"", false)]
    [InlineData("""{"device_id":"rtu","point":"setpoint","value":12.5,"requested_at":NOW}""", Dnp3PointKind.AnalogOutput, 0, 25,
        "\"value\":25", true)]
    public async Task A_command_is_performed_once_and_its_outcome_is_stored(
        string json, Dnp3PointKind kind, int index, double value, string stored, bool isSelected)
    {
        await using Dnp3Outstation outstation = Devices.Outstation();
        outstation.Set(Devices.Point(kind, (ushort)index, 0));
        await using MasterRig rig = new([Devices.Device(outstation)], "Dnp3CommandResult");
        rig.AwaitHealthy();

        EmitStatus status = await rig.SendAsync(json);

        Assert.True(status.IsOk, status.Detail);
        Assert.Equal(1, outstation.Performed);
        Assert.True(outstation.TryGet(kind, (ushort)index, out Dnp3Measurement point));
        Assert.Equal(value, point.Value);
        string result = Assert.Single(rig.Messages(), message => message.Contains("\"outcome\":\"Success\"", StringComparison.Ordinal));
        Assert.Contains(stored, result, StringComparison.Ordinal);
        Assert.Contains($"\"is_selected\":{(isSelected ? "true" : "false")}", result, StringComparison.Ordinal);

        // The outstation reports the new state as an event.
        rig.AwaitMessage("\"is_event\":true");
    }

    [Fact]
    public async Task A_refusal_of_the_outstation_is_final_and_has_its_status_code()
    {
        await using Dnp3Outstation outstation = Devices.Outstation();
        outstation.Decide = _ => 7;
        await using MasterRig rig = new([Devices.Device(outstation)], "Dnp3CommandResult");
        rig.AwaitHealthy();

        EmitStatus status = await rig.SendAsync(Close);

        Assert.Equal(EmitCode.Refused, status.Code);
        Assert.Contains("the point is in local mode (status 7)", status.Detail, StringComparison.Ordinal);
        Assert.Single(rig.Messages(), message => message.Contains("\"outcome\":\"Refused\",\"status\":7", StringComparison.Ordinal));
        Assert.Equal(0, outstation.Performed);
    }

    [Fact]
    public async Task A_command_is_not_repeated_if_the_flush_of_its_record_fails()
    {
        FailingFlushStorage storage = new();
        await using Dnp3Outstation outstation = Devices.Outstation();
        outstation.Decide = _ =>
        {
            storage.Fails = true;
            return CommandStatus.Success;
        };
        await using MasterRig rig = new([Devices.Device(outstation)], storage, "Dnp3CommandResult");
        rig.AwaitHealthy();

        EmitStatus status = await rig.SendAsync(Close);

        Assert.True(status.IsOk, status.Detail);
        Assert.Contains(rig.Events, one => one.Detail.Contains("is not durable", StringComparison.Ordinal));
        Assert.Equal(EmitCode.Deferred, (await rig.SendAsync(Close)).Code);
        Assert.Equal(1, outstation.Performed);
    }

    [Fact]
    public async Task An_operate_without_a_response_is_not_repeated()
    {
        int asked = 0;
        await using Dnp3Outstation outstation = Devices.Outstation();
        outstation.Decide = _ =>
        {
            asked++;
            outstation.Disconnect();
            return CommandStatus.Success;
        };
        await using MasterRig rig = new([Devices.Device(outstation)], "Dnp3CommandResult");
        rig.AwaitHealthy();

        EmitStatus status = await rig.SendAsync(Close);

        Assert.Equal(EmitCode.Refused, status.Code);
        Assert.Contains("the outcome is unknown", status.Detail, StringComparison.Ordinal);
        Assert.Equal(1, asked);
        rig.AwaitMessage("\"outcome\":\"Unknown\"");
    }
}
