using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Tests.Codec;

public class FixCalendarTests
{
    [Fact]
    public void TryDay_numbers_every_valid_day_from_1970_to_2261_and_no_other()
    {
        DateOnly first = new(1970, 1, 1);
        int next = 0;
        for (int year = 1969; year <= 2262; year++)
        {
            for (int month = 0; month <= 13; month++)
            {
                for (int day = 0; day <= 32; day++)
                {
                    bool isDay = year is >= 1970 and <= 2261 && month is >= 1 and <= 12 && day >= 1
                        && day <= DateTime.DaysInMonth(year, month);
                    Assert.Equal(isDay, FixCalendar.TryDay(year, month, day, out int number));
                    Assert.Equal(isDay ? next++ : 0, isDay ? number : 0);
                }
            }
        }

        Assert.Equal(new DateOnly(2262, 1, 1).DayNumber - first.DayNumber, next);
    }
}
