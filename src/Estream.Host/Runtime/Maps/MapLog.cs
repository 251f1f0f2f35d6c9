namespace Estream.Host.Runtime;

/// <summary>Logs once that a map has stopped, and once that it follows its queue again. Not thread-safe.</summary>
internal sealed partial class MapLog(ILogger logger)
{
    private readonly HashSet<string> _standing = new(StringComparer.Ordinal);

    /// <param name="map">The map's name.</param>
    /// <param name="failure">Why the map has stopped, or null.</param>
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

    [LoggerMessage(EventId = 40, Level = LogLevel.Error, Message = "Map {Map} has stopped: {Failure}")]
    private static partial void LogStands(ILogger logger, string map, string failure);

    [LoggerMessage(EventId = 41, Level = LogLevel.Information, Message = "Map {Map} follows its queue again.")]
    private static partial void LogFollows(ILogger logger, string map);
}
