namespace Estream.Wire.Fix.Codec;

/// <summary>Days from 1970 to 2261, which nanoseconds in 64 bits reach, counted from the first one.</summary>
internal static class FixCalendar
{
    private const int FirstYear = 1970;
    private const int LastYear = 2261;
    private const int Months = 12;

    // Where each month begins, and the one behind the last: the day and the length of its month in two loads.
    private static readonly int[] s_months = MonthsFromFirst();

    /// <summary>The number of a day, from 0.</summary>
    /// <returns>False where there is no such day.</returns>
    public static bool TryDay(int year, int month, int day, out int number)
    {
        number = 0;
        if (year is < FirstYear or > LastYear || month is < 1 or > Months)
        {
            return false;
        }

        int place = ((year - FirstYear) * Months) + month - 1;
        int start = s_months[place];
        number = start + day - 1;
        return day >= 1 && number < s_months[place + 1];
    }

    private static int[] MonthsFromFirst()
    {
        DateOnly first = new(FirstYear, 1, 1);
        int[] months = new int[((LastYear - FirstYear + 1) * Months) + 1];
        for (int month = 0; month < months.Length; month++)
        {
            months[month] = first.AddMonths(month).DayNumber - first.DayNumber;
        }

        return months;
    }
}
