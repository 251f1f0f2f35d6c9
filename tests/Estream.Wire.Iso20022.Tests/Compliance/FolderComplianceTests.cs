using Estream.Wire.Compliance;

namespace Estream.Wire.Iso20022.Tests.Compliance;

/// <summary>The folder keeps what every adapter has to keep, as far as it can be asked of one that nobody connects to.</summary>
public sealed class FolderComplianceTests
{
    private static readonly FolderSubject s_subject = new();

    public static TheoryData<string> Checks => [.. WireAdapterCompliance.For(s_subject).Select(check => check.Id)];

    [Theory]
    [MemberData(nameof(Checks))]
    public Task The_folder_keeps(string check)
    {
        return WireAdapterCompliance.RunAsync(check, s_subject);
    }
}
