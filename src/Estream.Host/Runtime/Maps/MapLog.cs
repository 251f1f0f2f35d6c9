namespace Estream.Host.Runtime;

/// <summary>Says once that a map stands still, and once that it follows its queue again. Not thread-safe.</summary>
internal sealed partial class MapLog(ILogger logger)
{
    private readonly HashSet<string> _standing = new(StringComparer.Ordinal);

    /// <param name="map">The map's name.</param>
    /// <param name="failure">Why it stands still, or null.</param>
    public void Observe(string map, string? failure)
    {
        if (failure is null)
        {
            if (_standing.Remove(map))
            {
                LogFollows(logger, map);
            }
        }
        else if (_standing.Add(map))
        {
            LogStands(logger, map, failure);
        }
    }

    [LoggerMessage(EventId = 40, Level = LogLevel.Error, Message = "Map {Map} stands still: {Failure}")]
    private static partial void LogStands(ILogger logger, string map, string failure);

    [LoggerMessage(EventId = 41, Level = LogLevel.Information, Message = "Map {Map} follows its queue again.")]
    private static partial void LogFollows(ILogger logger, string map);
}
