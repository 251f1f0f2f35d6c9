namespace Estream.Wire.Fix.Codec;

/// <summary>Counts days from 1970-01-01 to the end of 2261, the range of 64-bit nanoseconds.</summary>
internal static class FixCalendar
{
    private const int FirstYear = 1970;
    private const int LastYear = 2261;
    private const int Months = 12;

    // The first day of each month, plus one entry after the last: two loads give the start of a month and its length.
    private static readonly int[] s_months = MonthsFromFirst();

    /// <summary>Gets the number of a day, from 0.</summary>
    /// <returns>False if there is no such day.</returns>
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
