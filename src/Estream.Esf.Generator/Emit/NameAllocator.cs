namespace Estream.Esf.Generator.Emit;

/// <summary>Gives each thing of a scope a name of its own: one that is taken gets a suffix.</summary>
internal sealed class NameAllocator(IEnumerable<string> reserved)
{
    private readonly HashSet<string> _taken = new(reserved, StringComparer.Ordinal);

    /// <summary>The name wanted when it and everything derived from it are free; otherwise one with a suffix.</summary>
    public string Take(string wanted, params string[] prefixes)
    {
        string name = wanted;
        for (int attempt = 0; !IsFree(name, prefixes); attempt++)
        {
            name = attempt == 0 ? wanted + "Field" : wanted + "Field" + (attempt + 1);
        }

        _taken.Add(name);
        foreach (string prefix in prefixes)
        {
            _taken.Add(prefix + name);
        }

        return name;
    }

    private bool IsFree(string name, string[] prefixes) =>
        !_taken.Contains(name) && prefixes.All(prefix => !_taken.Contains(prefix + name));
}
