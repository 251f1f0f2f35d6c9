using Xunit;

namespace Estream.Testing;

/// <summary>The theory form of <see cref="MountFactAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MountTheoryAttribute : TheoryAttribute
{
    /// <summary>Looks once whether mounting is allowed.</summary>
    public MountTheoryAttribute()
    {
        Skip = MountFactAttribute.SkipReason;
    }
}
