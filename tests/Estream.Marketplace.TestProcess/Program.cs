using System.Globalization;
using Estream.Marketplace.Packages;
using Estream.Marketplace.TestProcess;

// The separate process of the marketplace tests.
return args switch
{
    ["install", var package, var parent, var root256, var root3, var count] =>
        InstallLoop.Run(package, parent, new PackageIdentity(root256, root3), int.Parse(count, CultureInfo.InvariantCulture)),
    ["like", var name, var shown, var known, var knownShown] => SimilarNameProgram.Run(name, shown, known, knownShown),
    ["log", var directory] => SampleLog.RunUntilKilled(directory),
    ["pack", var folder] => PackDigest.Run(folder),
    ["verify", var bundle, var keys] => OfflineVerifier.Run(bundle, keys, probes: false),
    ["verify", var bundle, var keys, "probe"] => OfflineVerifier.Run(bundle, keys, probes: true),
    _ => throw new ArgumentException($"Unknown command '{string.Join(' ', args)}'."),
};
