namespace Estream.Esf;

/// <summary>The retention that schemas declare for their messages (<c>retention</c>), as a message age that counts from the append. Pass it
/// to a queue as its retained age.</summary>
public static class EsfRetention
{
    /// <summary>
    /// Returns the retention of a log with messages of several schemas: the longest retention that a schema declares. A schema without
    /// <c>retention</c> keeps its messages forever, so the whole log is then kept forever.
    /// </summary>
    /// <param name="schemas">The schemas of all messages of the log.</param>
    /// <returns>The retention, or <see langword="null"/> to keep messages forever, also if there are no schemas.</returns>
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
