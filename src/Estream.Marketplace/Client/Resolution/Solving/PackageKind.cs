namespace Estream.Marketplace.Resolution;

/// <summary>What a package of the solver stands for: components have real versions, all others are virtual.</summary>
internal enum PackageKind
{
    /// <summary>What is resolved: one version, which needs what the workspace asks for.</summary>
    Workspace,

    /// <summary>A component; its versions are its usable releases.</summary>
    Component,

    /// <summary>A schema by name; its versions are the components that provide it.</summary>
    Schema,

    /// <summary>A program around the components; its one version is the one that runs, if any.</summary>
    Engine,

    /// <summary>The license tier; its one version is the workspace's.</summary>
    Tier,
}
