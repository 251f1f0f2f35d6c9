using Estream.Marketplace.Names;

namespace Estream.Marketplace.TestProcess;

/// <summary>Prints how a name resembles a known name, and the length of a normalized letter.</summary>
internal static class SimilarNameProgram
{
    public static int Run(string name, string shown, string known, string knownShown)
    {
        KnownNames names = new([new KnownName(ComponentName.Parse(known), knownShown)]);
        Console.WriteLine(string.Join(' ', names.SimilaritiesOf(ComponentName.Parse(name), shown).Select(likeness => likeness.Kind)));
        Console.WriteLine("e\u0301".Normalize().Length);
        return 0;
    }
}
