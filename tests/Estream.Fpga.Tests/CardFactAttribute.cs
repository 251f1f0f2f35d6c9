using Estream.Testing;

namespace Estream.Fpga.Tests;

/// <summary>A test that uses the native library, which needs cmake and a C++ compiler; for the simulated card, also Verilator.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CardFactAttribute : FactAttribute
{
    /// <summary>Skips the test if a tool was missing at build time.</summary>
    public CardFactAttribute(bool simulated = false)
    {
        IsSimulated = simulated;
        Skip = Missing(simulated);
    }

    /// <summary>Whether the simulated card is needed.</summary>
    public bool IsSimulated { get; }

    internal static string? Missing(bool simulated)
    {
        (string Command, string Package)[] needs = simulated
            ? [("cmake", "cmake"), ("c++", "g++"), ("verilator", "verilator")]
            : [("cmake", "cmake"), ("c++", "g++")];
        return needs.Where(need => Peer.Find(need.Command) is null)
            .Select(need =>
                $"{need.Command} is not installed: apt-get install {need.Package} (./test.sh does it when run as root on Debian)")
                    .FirstOrDefault();
    }
}

/// <summary>A theory with the conditions of <see cref="CardFactAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CardTheoryAttribute : TheoryAttribute
{
    /// <inheritdoc cref="CardFactAttribute(bool)"/>
    public CardTheoryAttribute(bool simulated = false)
    {
        IsSimulated = simulated;
        Skip = CardFactAttribute.Missing(simulated);
    }

    /// <inheritdoc cref="CardFactAttribute.IsSimulated"/>
    public bool IsSimulated { get; }
}
