namespace Estream.Core.Tests;

public sealed class EstreamExceptionTests
{
    private static readonly Exception s_cause = new InvalidOperationException("cause");

    public static TheoryData<EstreamException, bool> Family => new()
    {
        { new EstreamStorageException("what", "/file", StorageFailure.DiskFull, s_cause), true },
        { new EstreamStorageException("what", "/file", StorageFailure.AccessDenied, s_cause), false },
        { new EstreamStorageException("what", "/file", StorageFailure.NotFound, s_cause), false },
        { new EstreamStorageException("what", "/file", StorageFailure.Other, s_cause), false },
        { new EstreamStorageException("what", "/file", StorageFailure.Device, s_cause), false },
        { new EstreamCorruptionException("what", "/file", 8, s_cause), false },
        { new EstreamFormatException("what", "/file", s_cause), false },
        { new EstreamLeaseException("what", "/file", 7, s_cause), true },
    };

    [Theory]
    [MemberData(nameof(Family))]
    public void Each_exception_keeps_message_path_and_cause_and_says_whether_it_is_transient(EstreamException error, bool isTransient)
    {
        Assert.Equal("what", error.Message);
        Assert.Equal("/file", error.Path);
        Assert.Same(s_cause, error.InnerException);
        Assert.Equal(isTransient, error.IsTransient);
    }

    [Fact]
    public void Exceptions_keep_offset_and_owner_or_have_the_documented_value_for_unknown()
    {
        Assert.Equal(8, new EstreamCorruptionException("what", null, 8).Offset);
        Assert.Equal(-1, new EstreamCorruptionException("what", null).Offset);
        Assert.Equal(7, new EstreamLeaseException("what", null, 7).OwnerProcessId);
        Assert.Equal(0, new EstreamLeaseException("what", null).OwnerProcessId);
    }
}
