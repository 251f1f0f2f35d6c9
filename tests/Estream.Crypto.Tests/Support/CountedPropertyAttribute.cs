using Estream.Testing;
using FsCheck.Xunit;

namespace Estream.Crypto.Tests.Support;

/// <summary>A property with a number of cases for everyday and one for long runs. <see cref="PeerInputs"/> makes its inputs.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CountedPropertyAttribute : PropertyAttribute
{
    public CountedPropertyAttribute(int everyday, int full)
    {
        MaxTest = LongRun.Count(everyday, full);
        Arbitrary = [typeof(PeerInputs)];
    }
}
