using System.Globalization;
using Estream.Wire.Fix.Session;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Session;

/// <summary>Session schedules: open hours and interval boundaries.</summary>
public class ScheduleTests
{
    private static readonly FixSchedule s_day = new() { Start = new TimeOnly(8, 0), End = new TimeOnly(17, 30) };
    private static readonly FixSchedule s_night = new() { Start = new TimeOnly(22, 0), End = new TimeOnly(6, 0) };

    private static readonly FixSchedule s_week = new()
    {
        Start = new TimeOnly(22, 0), StartDay = DayOfWeek.Sunday, End = new TimeOnly(21, 0), EndDay = DayOfWeek.Friday,
    };

    [Theory]
    [InlineData("2026-07-07 07:59:59", false)]
    [InlineData("2026-07-07 08:00:00", true)]
    [InlineData("2026-07-07 17:29:59", true)]
    [InlineData("2026-07-07 17:30:00", false)]
    public void Daily_schedule_is_open_between_its_times(string time, bool isOpen)
    {
        Assert.Equal(isOpen, s_day.IsOpen(At(time)));
    }

    [Theory]
    [InlineData("2026-07-07 21:59:59", false)]
    [InlineData("2026-07-07 22:00:00", true)]
    [InlineData("2026-07-08 05:59:59", true)]
    [InlineData("2026-07-08 06:00:00", false)]
    public void Overnight_schedule_is_open_across_midnight(string time, bool isOpen)
    {
        Assert.Equal(isOpen, s_night.IsOpen(At(time)));
    }

    // 2026-07-05 is a Sunday.
    [Theory]
    [InlineData("2026-07-05 21:59:59", false)]
    [InlineData("2026-07-05 22:00:00", true)]
    [InlineData("2026-07-08 03:00:00", true)]
    [InlineData("2026-07-10 20:59:59", true)]
    [InlineData("2026-07-10 21:00:00", false)]
    [InlineData("2026-07-11 12:00:00", false)]
    public void Weekly_schedule_is_open_between_its_days(string time, bool isOpen)
    {
        Assert.Equal(isOpen, s_week.IsOpen(At(time)));
    }

    [Fact]
    public void Interval_lasts_from_one_opening_to_the_next()
    {
        Assert.True(s_night.IsSameInterval(At("2026-07-07 22:00:00"), At("2026-07-08 05:00:00")));
        Assert.False(s_night.IsSameInterval(At("2026-07-07 21:59:59"), At("2026-07-07 22:00:00")));
        Assert.True(s_week.IsSameInterval(At("2026-07-05 22:00:00"), At("2026-07-12 21:59:59")));
        Assert.False(s_week.IsSameInterval(At("2026-07-05 22:00:00"), At("2026-07-12 22:00:00")));
        FixSchedule always = new() { Start = new TimeOnly(17, 0), End = new TimeOnly(17, 0) };
        Assert.True(always.IsOpen(At("2026-07-07 16:59:59")));
        Assert.False(always.IsSameInterval(At("2026-07-07 16:59:59"), At("2026-07-07 17:00:00")));
        Assert.False(s_day.IsSameInterval(0, At("2026-07-07 12:00:00")));
    }

    [Fact]
    public void Connection_outside_the_schedule_is_refused()
    {
        // The clock of the rig starts at 12:30.
        SessionRig rig = new(SessionRig.Options() with { Schedule = s_night });

        Assert.False(rig.Connect());
        rig.Clock.Pass(TimeSpan.FromHours(10));
        Assert.True(rig.Connect());
    }

    [Fact]
    public void Session_is_logged_out_when_the_schedule_closes_and_reset_on_the_next_day()
    {
        SessionRig rig = SessionRig.LoggedOn(SessionRig.Options() with { Schedule = s_day }, heartbeat: 0);
        rig.Receive("35=0|");
        rig.Session.Disconnected();
        rig.Connect();
        rig.Receive("35=A|98=0|108=0|");
        Assert.Equal("35=A|34=2|98=0|108=0|", rig.Next());
        rig.Clock.Pass(TimeSpan.FromHours(5));

        rig.Session.Tick();

        Assert.Equal("35=5|34=3|58=The session hours have ended.|", rig.Next());
        rig.Receive("35=5|");
        Assert.NotNull(rig.Closed);
        rig.Clock.Pass(TimeSpan.FromHours(16));
        Assert.True(rig.Connect());
        rig.Receive(1, "35=A|98=0|108=0|");
        Assert.Equal("35=A|34=1|98=0|108=0|", rig.Next());
    }

    [Fact]
    public void Weekly_schedule_without_EndDay_is_refused()
    {
        FixSchedule half = s_week with { EndDay = null };

        Assert.Throws<ArgumentException>(() => new SessionRig(SessionRig.Options() with { Schedule = half }, new FixMemoryStore(1)));
    }

    private static long At(string time)
    {
        DateTime utc =
            DateTime.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        return (utc.Ticks - DateTime.UnixEpoch.Ticks) * 100;
    }
}
