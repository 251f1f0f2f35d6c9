using Estream.Testing;

namespace Estream.Journeys;

/// <summary>The libraries that declare it work in programs that are compiled ahead of time.</summary>
[Collection(PublishedCollection.Name)]
public sealed class AheadOfTimeTests
{
    /// <summary>Every warning about trimming and ahead-of-time compilation in these libraries is an error of the publish.</summary>
    [Fact]
    public void Program_published_with_NativeAOT_appends_and_reads()
    {
        using TempDirectory place = new();
        ChildProcess.Run(
            "dotnet",
            [
                "publish", RepositoryRoot.Combine("tests", "Estream.AotSample"), "-c", "Release", "-r", "linux-x64", "-o",
                place.Combine("out"), "-v", "q", "--nologo", "--artifacts-path", RepositoryRoot.Combine("artifacts", "publish"),
                "-p:NuGetLockFilePath=obj/publish.lock.json", "-p:RestoreLockedMode=false", "-p:DebugType=none",
                "-p:GenerateDocumentationFile=false", "-p:RunAnalyzersDuringBuild=false", "-p:PublishNative=true",
            ],
            limit: TimeSpan.FromMinutes(14)).EnsureSuccess();

        ProcessResult run = ChildProcess.Run(place.Combine("out", "Estream.AotSample"), [place.Combine("queue")]).EnsureSuccess();

        Assert.Equal("sum 63, 2 above 20\n", run.Output);
    }
}

/// <summary>Tests that publish into artifacts/publish, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class PublishedCollection
{
    public const string Name = "published";
}
