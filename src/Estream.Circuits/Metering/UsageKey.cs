namespace Estream.Circuits.Metering;

/// <summary>Whose usage it is.</summary>
/// <param name="Tenant">Who is charged.</param>
/// <param name="Circuit">The name of the circuit, of all its versions; <see cref="Others"/> for circuits that are not told apart any
/// more.</param>
internal readonly record struct UsageKey(string Tenant, string Circuit)
{
    /// <summary>In place of a name: no circuit has this one.</summary>
    public const string Others = "";
}
