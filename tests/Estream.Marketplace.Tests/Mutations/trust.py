import subprocess,sys,shutil,os,re
W=os.path.abspath(os.path.join(os.path.dirname(__file__),'..','..','..'))+'/'; S=W+'src/Estream.Marketplace/'
R='Trust/Roles/'; L='Trust/Releases/'; D='Trust/Dsse/'; J='Json/'
M=[
 (R+'TrustedSet.cs','if (timestamp.Version < known.Document.Version)','if (false)','Timestamp_older_is_rollback'),
 (R+'TrustedSet.cs','return now.Version < before.Version ? new RoleFault(RoleFaultKind.Rollback, file, $"it names snapshot','return false ? new RoleFault(RoleFaultKind.Rollback, file, $"it names snapshot','Timestamp_with_older_snapshot'),
 (R+'TrustedSet.cs','if (snapshot.Version < known.Version)','if (false)','Snapshot_older_is_rollback'),
 (R+'TrustedSet.cs(2)',': now.Version < before.Version ? new RoleFault(RoleFaultKind.Rollback, file, $"it names version',': false ? new RoleFault(RoleFaultKind.Rollback, file, $"it names version','Targets_older_in_a_newer'),
 (R+'TrustedSet.cs','!snapshot.Targets.TryGetValue(role, out DocumentReference? now) ? new RoleFault(RoleFaultKind.Rollback, file, $"the role \'{role}\' is gone, which was there")','!snapshot.Targets.TryGetValue(role, out DocumentReference? now) ? null','Targets_removed_from_snapshot'),
 (R+'TrustedSet.cs','if (snapshot.LogSize < known.LogSize)','if (false)','Log_that_shrinks'),
 (R+'TrustedSet.cs','snapshot.LogSize == known.LogSize && snapshot.LogRoot','false && snapshot.LogRoot','Log_that_shrinks'),
 (R+'TrustedSet.cs','if (timestamp.Version == known.Document.Version && ','if (false && ','Another_document_of_the_same'),
 (R+'TrustedSet.cs','= isRotated ? (null, null) :','= false ? (null, null) :','Fast_forward'),
 (R+'TrustedSet.cs','pair.Key != TargetsDocument.TopName || _isTargetsKnown','true','Fast_forward'),
 (R+'RoleChecks.cs','now < document.Expires','true','ExpirationTests'),
 (R+'TrustClient.cs','new[] { clock, _anchor.NotBefore, known?.LatestTime ?? default }','new[] { clock, _anchor.NotBefore }','Clock_backwards'),
 (R+'TrustClient.cs','new[] { clock, _anchor.NotBefore, known','new[] { clock, known','Clock_before_the_program'),
 (R+'TrustedSet.cs','fault ??= RoleChecks.Versioned(root!, file, version);','','Root_must_be_N'),
 (R+'TrustedSet.cs','RoleChecks.Open(bytes, file, DocumentType.Root, _root.Document.Root, out _) ?? RoleChecks.SelfSigned','RoleChecks.SelfSigned','Root_signed_by_old'),
 (R+'RoleChecks.cs','if (read.Root.Verify(DocumentType.Root, envelope, out _) is { } unsigned)','if (false ? "" : null is { } unsigned)','Root_signed_by_old|A_program_begins'),
 (R+'TrustedSet.cs','fault is null && root!.Registry != ','false && root!.Registry != ','Root_of_another_registry'),
 (R+'RootDocument.cs','online.Contains(key.MlDsa87Id)','false','Online_keys_never'),
 (D+'DsseEnvelope.cs','.DistinctBy(key => key.MlDsa87Id, StringComparer.Ordinal)','','Same_key_two|Duplicate_keyid'),
 (D+'DsseEnvelope.cs','key.Ed25519 is null || ','true || ','Of_two_algorithms'),
 (D+'DocumentType.cs','$"estream-mkt/{name}/v1"','$"estream-mkt/v1"','Domain_separation'),
 (D+'DsseEnvelope.cs','if (PayloadType != type.PayloadType)\n        {\n            reason','if (false)\n        {\n            reason','Payload_type_confusion'),
 (D+'DocumentKey.cs','if (ed25519 is not null && !Ed25519Point.IsSound(ed25519.PublicKey.Span))','if (false)','Ed25519Point'),
 (D+'Ed25519Point.cs','!isSmall && ','','Ed25519Point'),
 (D+'Ed25519Point.cs',' && IsBelowPrime(y)','','Ed25519Point'),
 (R+'RoleChecks.cs','return reference.Has(bytes) ? null :','return true ? null :','Mix_and_match'),
 (R+'RoleChecks.cs','if (bytes.Length != reference.Length)','if (false)','Endless_data|Mix_and_match'),
 (R+'TrustedSet.cs','targets.Role == role ? null','true ? null','Role_of_another_name'),
 (R+'TrustedSet.cs','RoleChecks.Versioned(snapshot, file, reference.Version) ?? ','','Url_version'),
 (R+'TrustedSet.cs','RoleChecks.Versioned(targets, file, reference.Version) ?? ','','Url_version'),
 (R+'TrustedRoles.cs','isEnd |= delegation.IsTerminating;','','Terminating'),
 (R+'TrustedRoles.cs','if (found is not null || isEnd)','if (found is not null || delegation.IsTerminating)','Terminating'),
 (R+'TrustedRoles.cs','return matching.Tier < highest ? matching.Tier : highest;','return matching.Tier;','Delegated_role_speaks'),
 (R+'TrustedRoles.cs','!visited.Add(role) || ','','Roles_that_delegate'),
 (R+"RoleFetch.cs","(int)maxBytes","(int)maxBytes * 2","Endless"),
 (R+'TrustClient.cs','TrustState? next = fault is null ? StateOf(set!, now) : RootsOnly(known, set!);','TrustState? next = fault is null ? StateOf(set!, now) : null;','Keys_that_were_taken_back'),
 (R+'TrustClient.cs','TrustState? next = fault is null ? StateOf(set!, now) : RootsOnly(known, set!);','TrustState? next = fault is null ? StateOf(set!, now) : fault.File.StartsWith(\'2\') ? known! with { Timestamp = set!.Timestamp.Envelope } : RootsOnly(known, set!);','State_not_persisted'),
 (R+'KeyTable.cs','if (key.Id != id)','if (false)','A_document_has_one_way'),
 (R+'TargetsDocument.cs','name.Length is >= 1 and <= 64 && !s_reserved.Contains(name) && name.All','name.Length < 0 || name.All(one => true) || name.All','Names_of_roles'),
 (R+'TargetsMembers.cs','if (!IsFilePath(path))','if (false)','Paths_of_files'),
 (R+'TargetsWalk.cs','if (++_taken > RoleLimits.MaxTargets)','if (++_taken > 2000)','Delegations_without_end'),
 (R+'RoleDocument.cs','payload.SequenceEqual(ToPayload()) ? null','true ? null','A_document_has_one_way'),
 (R+'TrustedSet.cs','if (_root.Document.Version < _anchor.LeastRootVersion)','if (false)','Older_than_the_program'),
 (R+'TrustedSet.cs','if (timestamp.Version < _anchor.LeastTimestampVersion)','if (false)','Older_than_the_program'),
 (R+'TrustStore.cs','if ((there is null) != (read is null) || !there.AsSpan().SequenceEqual(read))','if (false)','Who_was_slower'),
 (R+'TrustClient.cs','if (kept.Version == root.Document.Version && ','if (false && ','State_that_somebody'),
 ('Files/WholeFile.cs','temporary = path + TemporarySuffix;','temporary = path;','State_is_kept_over_kill'),
 (J+'StrictJsonReader.cs','if (!members.TryAdd(name, value))','if (!members.TryAdd(name, value) && name.Length > 9)','Json_duplicate'),
 (J+'StrictJsonReader.cs','if (_depth == _limits.MaxDepth)','if (_depth == 60)','Limits_hold'),
 (J+'JsonTextDecoder.cs','char.IsHighSurrogate(first) && Unit(At + 6) is { } second && char.IsLowSurrogate(second)\n            ? Take(new Rune(first, second), 12)\n            : "half','char.IsHighSurrogate(first) && Unit(At + 6) is { } second && char.IsLowSurrogate(second)\n            ? Take(new Rune(first, second), 12)\n            : true ? Take(new Rune(0xE000), 6) : "half','Json_lone'),
 (J+'StrictJsonReader.cs','bool isWhole = Peek() is not (\'.\' or \'e\' or \'E\');','bool isWhole = true; while (Peek() is (>= \'0\' and <= \'9\') or \'.\' or \'e\' or \'E\') { _at++; }','Json_float'),
 (J+'JsonFields.cs','if (!_taken.Contains(name))','if (false)','JsonFieldsTests|Key_never_comes'),
 (J+'CanonicalJson.cs','utf8.SequenceEqual(Write(value))','true','not_the_canonical'),
 (L+'ReleaseVerifier.cs','!own.Equals(value)','false','Package_that_is_another'),
 (L+'ReleaseVerifier.cs','if (envelope.PayloadType != DocumentType.Release.PayloadType)','if (false)','Another_document_is_no'),
 (L+'ReleaseApproval.cs','reviewers.Where(key => !authors.Contains(key.MlDsa87Id))','reviewers','Signature_of_the_release_is_no'),
 (L+'ReleaseApproval.cs','&& approval.Release == release.Digest ?','?','Approval_of_another'),
 (L+'ReleaseApproval.cs','ApproversIn(release, document, others)).DistinctBy(key => key.MlDsa87Id, StringComparer.Ordinal)','ApproversIn(release, document, others))','As_many_reviewers'),
 (L+'ReleaseApproval.cs','documents.Take(MaxDocuments)','documents','What_is_no_approval'),
 (L+'ReleaseApproval.cs','if (roles.PolicyOf(statement.Package.Category) is not { } policy)','CategoryPolicy policy = roles.PolicyOf(statement.Package.Category) ?? new(0, [], TrustTier.Core);\n        if (false)','Category_without'),
 (R+'TargetsMembers.cs','< Math.Max(approvals, reviewers.Length)','< 0','Policy_that_asks'),
]
a,b=int(sys.argv[1]),int(sys.argv[2])
T=W+'tests/Estream.Marketplace.Tests/bin/Release/net10.0/'
shutil.copy(T+'Estream.Marketplace.dll','/var/tmp/mt-whole.dll') if not os.path.exists('/var/tmp/mt-whole.dll') else None
for i,(f,old,new,flt) in enumerate(M):
    if not a<=i<b: continue
    p=S+re.sub(r'\(\d\)$','',f); src=open(p).read()
    if src.count(old)!=1: print(i,'COUNT',src.count(old),f,old[:60],flush=True); continue
    try:
        open(p,'w').write(src.replace(old,new))
        r=subprocess.run(['dotnet','build',S+'Estream.Marketplace.csproj','-c','Release','-v','q','--nologo','--no-dependencies','--no-restore','-p:UseSharedCompilation=false','-m:1','-p:TreatWarningsAsErrors=false','-p:RunAnalyzers=false','-p:OutDir=/var/tmp/mt-out/','-p:IntermediateOutputPath=/var/tmp/mt-obj/','-p:WarningLevel=0'],capture_output=True,text=True)
        if r.returncode: print(i,'BUILD',f,old[:50],[l for l in r.stdout.split('\n') if 'error' in l][:1],flush=True); continue
        shutil.copy('/var/tmp/mt-out/Estream.Marketplace.dll',T+'Estream.Marketplace.dll')
        flts='|'.join('FullyQualifiedName~'+x for x in flt.split('|'))
        r=subprocess.run(['timeout','100','dotnet','test',T+'Estream.Marketplace.Tests.dll','--filter',flts],capture_output=True,text=True)
        m=re.search(r'Failed:\s+(\d+), Passed:\s+(\d+)',r.stdout)
        print(i,'RED' if r.returncode else 'SURVIVED',m.groups() if m else r.returncode,f,'|',old[:50].replace('\n',' '),'|',flt,flush=True)
    finally:
        open(p,'w').write(src)
shutil.copy('/var/tmp/mt-whole.dll',T+'Estream.Marketplace.dll')
