using Estream.Testing;
using Estream.Wire.Dnp3.Tests.Rig;

namespace Estream.Wire.Dnp3.Tests.Adapter;

/// <summary>Goal: another implementation reads every frame of both sides as it was meant. Method: tshark dissects a whole session with
/// start-up, time synchronization, all kinds of points, events, and commands.</summary>
public sealed class TsharkTests
{
    [PeerFact("/usr/bin/tshark", "tshark")]
    public async Task Tshark_finds_no_error_in_a_session_and_reads_the_same_values()
    {
        await using Dnp3Outstation outstation = Devices.Outstation(options => options with { MaxFragmentBytes = 300 });
        Capture capture = new(outstation);
        for (ushort index = 2; index < 100; index++)
        {
            outstation.Set(Devices.Point(Dnp3PointKind.AnalogInput, index, index + 0.25));
        }

        await using (MasterRig rig = new([Devices.Device(outstation)]))
        {
            rig.AwaitHealthy();
            Eventually.True(() => outstation.TimesSet == 1, "the clock is set");
            outstation.Set(Devices.Point(Dnp3PointKind.Counter, 1, 4_711), Dnp3Classes.Events1);
            outstation.Set(Devices.Point(Dnp3PointKind.AnalogInput, 7, 2.5), Dnp3Classes.Events2);
            outstation.Set(Devices.Point(Dnp3PointKind.BinaryInput, 1, 1), Dnp3Classes.Events3);
            Eventually.True(() => outstation.UnconfirmedEvents == 0, "the events are confirmed");
            Assert.True((await rig.SendAsync("""{"device_id":"rtu","point":"breaker","operation":"Trip","requested_at":NOW}""")).IsOk);
            Assert.True((await rig.SendAsync("""{"device_id":"rtu","point":"setpoint","value":-7,"requested_at":NOW}""")).IsOk);
            Eventually.True(() => outstation.UnconfirmedEvents == 0, "the states of the outputs are confirmed");
        }

        IReadOnlyList<string[]> rows = capture.Dissect(
            "_ws.malformed", "_ws.expert.message", "dnp.hdr.CRC.status", "dnp.data_chunk.CRC.status", "dnp3.al.func", "dnp3.al.cnt",
            "dnp3.al.ana.float", "dnp3.al.unknown_data_chunk", "dnp3.al.ctrlstatus");

        Assert.True(rows.Count > 20, $"tshark reads {rows.Count} packets");
        Assert.All(rows, row => Assert.True(row[0].Length == 0, string.Join(';', row)));
        Assert.All(rows, row => Assert.DoesNotContain("0", (row[2] + "," + row[3]).Split(',')));
        Assert.All(rows, row => Assert.Empty(row[7]));
        string[] functions = [.. rows.SelectMany(row => row[4].Split(',', StringSplitOptions.RemoveEmptyEntries)).Distinct()];
        Assert.Empty(((string[])["0", "1", "2", "3", "4", "20", "21", "24", "129", "130"]).Except(functions));
        Assert.Contains(rows, row => row[5].Split(',').Contains("4711"));
        Assert.Contains(rows, row => row[6].Split(',').Contains("99.25"));
        Assert.Contains(rows, row => row[6].Split(',').Contains("2.5"));
    }
}
