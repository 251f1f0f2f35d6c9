namespace Estream.Esf;

/// <summary>How long messages are to be kept, as their schemas say (<c>retention</c>). A queue keeps for so long when its age counts from
/// the append.</summary>
public static class EsfRetention
{
    /// <summary>
    /// How long a log of messages of several schemas has to keep them: as long as the schema that asks for most. One that says nothing asks
    /// for all time, since nothing that nobody has limited may go.
    /// </summary>
    /// <param name="schemas">The schemas of all messages of the log.</param>
    /// <returns>The time, or <see langword="null"/> for ever, also where there is no schema.</returns>
    public static TimeSpan? Longest(IEnumerable<EsfSchema> schemas)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        TimeSpan? longest = null;
        foreach (EsfSchema schema in schemas)
        {
            if (schema.Definition.Traits.Retention is not { } time)
            {
                return null;
            }

            longest = longest > time ? longest : time;
        }

        return longest;
    }
}
