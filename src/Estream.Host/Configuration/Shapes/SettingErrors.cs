namespace Estream.Host.Configuration;

/// <summary>
/// Everything that is wrong with a configuration, gathered so that the operator fixes it in one round
/// instead of one start per mistake.
/// </summary>
internal sealed class SettingErrors
{
    /// <summary>A hostile or generated file must not produce an unbounded message.</summary>
    private const int MaxErrorCount = 50;

    private readonly List<SettingError> _errors = [];

    public int Count { get; private set; }

    public IReadOnlyList<SettingError> Items => _errors;

    public void Add(string path, string message)
    {
        Count++;
        if (_errors.Count < MaxErrorCount)
        {
            _errors.Add(new SettingError(path, message));
        }
    }
}
